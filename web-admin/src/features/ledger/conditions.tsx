import { useEffect, useRef, useState } from 'react'
import { Button, Group, Paper, Stack, Text, ThemeIcon } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Confirm, DataTable, Empty, IconAlert, IconCheck, PagedTable, Problem, Refusals, newKey, useAct, useFormat, usePages } from '@aiscra/ui'
import { graphql, type CloseConditionCode, type ConditionMoneyQuery, type ConditionWorkQuery } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { monthsFrom } from '../../lib/month-field'
import { Balance } from '../subscribers/balance'
import type { LedgerPeriod } from './cockpit'

const rowsQuery = graphql(`
  query ConditionRows($period: Period!, $sector: Sector!, $code: CloseConditionCode!, $after: String) {
    period(period: $period, sector: $sector) {
      id
      conditions(code: $code) { code accounts(first: 50, after: $after) { nodes { id number address balance } pageInfo { hasNextPage endCursor } } }
    }
  }
`)

const moneyQuery = graphql(`
  query ConditionMoney($period: Period!, $sector: Sector!) {
    period(period: $period, sector: $sector) {
      id
      conditions(code: PAYMENTS_RECONCILED) { code unreconciled { day channelId channel files undecided shiftId shiftNumber desk } }
    }
  }
`)

const workQuery = graphql(`
  query ConditionWork($period: Period!, $sector: Sector!) {
    period(period: $period, sector: $sector) {
      id
      conditions(code: NOTHING_AT_WORK) { code atWork { runId importId correctionId amendmentId accrualId name waits since } }
    }
  }
`)

const lateMutation = graphql(`
  mutation LateBillsMake($input: LateBillsMakeInput!) {
    lateBillsMake(input: $input) { run { id late accounts gross } errors { code field message } }
  }
`)

/** Conditions that are about accounts, as the server knows them; the others are decided on a screen of their own. */
const ofAccounts: readonly CloseConditionCode[] = [
  'EVERY_ACCOUNT_CHARGED', 'READINGS_DECIDED', 'CHARGES_POSTED', 'SUB_LEDGER_EQUALS_LEDGER', 'EXCEPTIONS_DECIDED', 'NUMBERS_WHOLE',
]

/** A figure of a condition: how many, or how much. */
export function useFigure() {
  const format = useFormat()
  return (value: string | null | undefined) => !value ? '' : /^-?\d+$/.test(value) ? format.count(Number(value)) : /^-?\d+\.\d\d$/.test(value) ? format.money(value) : value
}

/** What must hold before the month closes; a broken condition opens into its rows. */
export function Conditions({ month, onChange }: { month: LedgerPeriod; onChange: () => void }) {
  const t = useT()
  const can = useCan()
  const [opened, setOpened] = useState<string | null>(null)
  const figure = useFigure()
  const broken = month.conditions.filter((one) => !one.met).length
  return (
    <Paper withBorder p="lg" component="section" aria-label={t('ledger.conditions')}>
      <Group justify="space-between" mb="sm">
        <Text component="h2" fw={600} fz="md">{t('ledger.conditions')}</Text>
        <Text size="sm" c={broken ? 'var(--bad)' : 'var(--good)'} fw={600}>{broken ? t('ledger.broken', { count: broken }) : t('ledger.allMet')}</Text>
      </Group>
      <Stack gap={4} component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {month.conditions.map((one) => (
          <li key={one.code} data-condition={one.code} data-met={one.met}>
            <Group gap="sm" py={4}>
              <Group gap="sm" wrap="nowrap" flex="1 1 260px">
                <ThemeIcon size={24} radius="xl" variant="light" color={one.met ? 'teal' : 'red'}>
                  {one.met ? <IconCheck size={14} strokeWidth={2.6} /> : <IconAlert size={14} />}
                </ThemeIcon>
                <Text size="sm" flex={1}>
                  {one.message}
                  <Text span size="xs" c="dimmed"> · {one.met ? t('ledger.met') : t('ledger.notMet', { expected: figure(one.expected), found: figure(one.found) })}</Text>
                </Text>
              </Group>
              {!one.met && <Place month={month} code={one.code} />}
              {!one.met && (one.code === 'PAYMENTS_RECONCILED' || one.code === 'NOTHING_AT_WORK' || (ofAccounts.includes(one.code) && can('ACCOUNT_READ'))) && (
                <Button size="compact-sm" variant="default" aria-expanded={opened === one.code} onClick={() => setOpened(opened === one.code ? null : one.code)}>
                  {opened === one.code ? t('billing.hide') : t('ledger.showRows')}
                </Button>
              )}
            </Group>
            {opened === one.code && one.code === 'EVERY_ACCOUNT_CHARGED' && !one.met && <Late month={month} onChange={onChange} />}
            {opened === one.code && (
              one.code === 'PAYMENTS_RECONCILED' ? <Money month={month} />
                : one.code === 'NOTHING_AT_WORK' ? <Work key={one.found ?? ''} month={month} />
                  : <Rows month={month} code={one.code} found={one.found ?? ''} />
            )}
          </li>
        ))}
      </Stack>
    </Paper>
  )
}

const look = { className: 'row-link', style: { fontSize: 14, whiteSpace: 'nowrap' } } as const

/** Where what breaks a condition is decided, for whoever may go there. */
function Place({ month, code }: { month: LedgerPeriod; code: CloseConditionCode }) {
  const t = useT()
  const can = useCan()
  const format = useFormat()
  const today = useToday()
  const { period, sector } = month
  switch (code) {
    case 'READINGS_DECIDED':
      return can('READING_READ') && <Link {...look} to="/readings" search={{ sector }}>{t('readings.toQueue')}</Link>
    case 'EARLIER_PERIOD_CLOSED': {
      const before = monthsFrom(period, -1)
      return <Link {...look} to="/periods" search={{ period: before, sector }}>{t('ledger.toMonth', { period: format.period(before) })}</Link>
    }
    case 'BILLS_ISSUED':
      return can('BILL_READ') && <Link {...look} to="/periods" search={{ period, sector }} hash="run">{t('ledger.toRun')}</Link>
    case 'NOTHING_AT_WORK':
      return can('JOB_READ') && <Link {...look} to="/jobs">{t('jobs.open')}</Link>
    case 'TRIAL_BALANCE':
      return <Link {...look} to="/periods/reports" search={{ period, sector, report: 'LEDGERS' }}>{t('ledger.toReport')}</Link>
    case 'OPENING_EQUALS_LAST_CLOSING':
      return <Link {...look} to="/periods/reports" search={{ period, sector, report: 'ROLL_FORWARD' }}>{t('ledger.toReport')}</Link>
    case 'PAYMENTS_ALLOCATED':
      return can('RECONCILE_READ') && <Link {...look} to="/reconciliation">{t('ledger.toPayments')}</Link>
    case 'PAYMENTS_RECONCILED': {
      const last = new Date(Date.parse(`${monthsFrom(period, 1)}-01T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
      return can('RECONCILE_READ') && <Link {...look} to="/reconciliation" search={{ from: `${period}-01`, to: last < today ? last : today }}>{t('ledger.toDays')}</Link>
    }
    case 'READINGS_COUNTED':
      return (can('IMPORT_READ') || can('IMPORT_WRITE')) && <Link {...look} to="/imports" search={{ kind: 'READINGS' }}>{t('ledger.toFiles')}</Link>
    case 'SETTINGS_CONFIRMED':
      return can('TARIFF_READ') && <Link {...look} to="/tariffs">{t('ledger.toSettings')}</Link>
    default:
      return null
  }
}

/** Accounts that came after the bills were issued: they are charged by themselves, for the run of the month takes in nobody any more. */
function Late({ month, onChange }: { month: LedgerPeriod; onChange: () => void }) {
  const t = useT()
  const can = useCan()
  const format = useFormat()
  const make = useAct(lateMutation)
  const [asking, setAsking] = useState(false)
  const [key, setKey] = useState(newKey)
  if (month.run?.state !== 'ISSUED') return null
  const confirm = async () => {
    setAsking(false)
    if (await make.run({ period: month.period, sector: month.sector, idempotencyKey: key })) setKey(newKey())
    onChange()
  }
  return (
    <Stack gap="xs" mb="sm">
      <Group gap="sm">
        <Text size="sm" c="dimmed" flex="1 1 260px">{t('ledger.lateText')}</Text>
        {can('BILLING_ISSUE') && <Button size="compact-sm" loading={make.busy} onClick={() => setAsking(true)}>{t('ledger.lateMake')}</Button>}
      </Group>
      <Refusals errors={make.errors} />
      {make.broken && <Problem error={make.broken} />}
      <Confirm opened={asking} onYes={() => void confirm()} onClose={() => setAsking(false)} title={t('ledger.lateTitle')} yes={t('ledger.lateMake')}>
        <Text size="sm">{t('ledger.lateAsk', { period: format.period(month.period) })}</Text>
      </Confirm>
    </Stack>
  )
}

function Rows({ month, code, found }: { month: LedgerPeriod; code: CloseConditionCode; found: string }) {
  const t = useT()
  const pages = usePages(
    rowsQuery, { period: month.period, sector: month.sector, code },
    (data) => data.period?.conditions.find((one) => one.code === code)?.accounts,
  )
  // Another figure means other rows.
  const shown = useRef(found)
  useEffect(() => {
    if (shown.current === found) return
    shown.current = found
    pages.refresh()
  })
  return (
    <Paper withBorder mb="sm">
      <PagedTable
        caption={t('ledger.showRows')} pages={pages} rowKey={(row) => row.id} empty={<Empty title={t('ledger.noRows')} />}
        columns={[
          { key: 'number', head: t('subscribers.number'), cell: (row) => <Link className="row-link tab" to="/accounts/$number" params={{ number: row.number }}>{row.number}</Link> },
          { key: 'address', head: t('subscribers.address'), cell: (row) => row.address },
          { key: 'balance', head: t('subscribers.balance'), numeric: true, cell: (row) => <Balance value={row.balance} /> },
        ]}
      />
    </Paper>
  )
}

type Unreconciled = NonNullable<ConditionMoneyQuery['period']>['conditions'][number]['unreconciled'][number]

/** Days of agents and shifts of desks that nobody has reconciled, each with the way to where that is done. */
function Money({ month }: { month: LedgerPeriod }) {
  const t = useT()
  const can = useCan()
  const codes = useCodes()
  const format = useFormat()
  const [result, ask] = useQuery({ query: moneyQuery, variables: { period: month.period, sector: month.sector }, requestPolicy: 'network-only' })
  const name = (row: Unreconciled) => (row.shiftId ? t('cash.shiftTitle', { number: row.shiftNumber ?? 0, desk: row.desk ?? '' }) : codes.channel(row.channel ?? ''))
  const state = (row: Unreconciled) =>
    row.shiftId ? t('ledger.noZ') : row.files === 0 ? t('recon.noFile') : row.undecided > 0 ? t('recon.undecided', { count: row.undecided }) : t('enum.RegistryState.MATCHING')
  const linked = (row: Unreconciled) => {
    if (row.shiftId && (can('CASHDESK_READ') || can('CASHDESK_OVERSEE'))) return <Link className="row-link" to="/desks/shifts/$id" params={{ id: row.shiftId }}>{name(row)}</Link>
    if (row.channelId && can('RECONCILE_READ')) return <Link className="row-link" to="/reconciliation/days/$channel" params={{ channel: row.channelId }} search={{ date: row.day }}>{name(row)}</Link>
    return name(row)
  }
  return (
    <Paper withBorder mb="sm">
      <Answer result={result} retry={() => ask({ requestPolicy: 'network-only' })} lines={3}>
        {(data) => (
          <DataTable
            caption={t('ledger.showRows')} rows={data.period?.conditions[0]?.unreconciled ?? []} rowKey={(row) => `${row.shiftId ?? row.channelId} ${row.day}`}
            empty={<Empty title={t('ledger.noRows')} />}
            columns={[
              { key: 'day', head: t('recon.day'), cell: (row) => format.shortDate(row.day) },
              { key: 'what', head: t('ledger.notReconciled'), cell: linked },
              { key: 'state', head: t('common.state'), cell: state },
            ]}
          />
        )}
      </Answer>
    </Paper>
  )
}

type AtWork = NonNullable<ConditionWorkQuery['period']>['conditions'][number]['atWork'][number]

/** What is not finished, each with the way to where it is watched, committed or put away. */
function Work({ month }: { month: LedgerPeriod }) {
  const t = useT()
  const can = useCan()
  const format = useFormat()
  const [result, ask] = useQuery({ query: workQuery, variables: { period: month.period, sector: month.sector }, requestPolicy: 'network-only' })
  const what = (row: AtWork) => {
    if (row.importId) {
      const name = row.name ?? t('nav.imports')
      return can('IMPORT_READ') || can('IMPORT_WRITE') ? <Link className="row-link" to="/imports/$id" params={{ id: row.importId }}>{name}</Link> : name
    }
    if (row.correctionId) {
      const name = t('ledger.workCorrection', { name: row.name ?? '' })
      return can('BILL_READ') ? <Link className="row-link" to="/corrections/$id" params={{ id: row.correctionId }}>{name}</Link> : name
    }
    if (row.amendmentId) {
      const name = t('ledger.workAmendment', { name: row.name ?? '' })
      return can('BILL_READ') ? <Link className="row-link" to="/amendments/$id" params={{ id: row.amendmentId }}>{name}</Link> : name
    }
    if (row.accrualId) return can('DEBT_READ') ? <Link className="row-link" to="/debt/penalty">{t('ledger.workPenalty')}</Link> : t('ledger.workPenalty')
    return t('billing.run')
  }
  return (
    <Paper withBorder mb="sm">
      <Answer result={result} retry={() => ask({ requestPolicy: 'network-only' })} lines={3}>
        {(data) => (
          <DataTable
            caption={t('ledger.showRows')} rows={data.period?.conditions[0]?.atWork ?? []}
            rowKey={(row) => row.runId ?? row.importId ?? row.correctionId ?? row.amendmentId ?? row.accrualId ?? row.since}
            empty={<Empty title={t('ledger.noWork')} />}
            columns={[
              { key: 'what', head: t('ledger.work'), cell: what },
              { key: 'state', head: t('common.state'), cell: (row) => t(row.waits ? 'ledger.workWaits' : 'ledger.workGoesOn') },
              { key: 'since', head: t('ledger.workSince'), cell: (row) => format.dateTime(row.since) },
            ]}
          />
        )}
      </Answer>
    </Paper>
  )
}
