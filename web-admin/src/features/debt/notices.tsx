// Warnings of disconnection: whom the settings want warned, who was warned and what became of it; instalments.
import { Alert, Box, Group, NativeSelect, Stack, Switch, Text } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import {
  Answer, Chip, DialogButton, Empty, Figures, FormView, PagedTable, Refusals, Section, TextField, useAct, useFinish, useForm, useFormat, usePages, type Act, type Picked,
} from '@aiscra/ui'
import { graphql, type NoticeActInput, type NoticeState, type NoticesQuery, type PlanState, type Sector } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useDistricts } from '../../lib/districts'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'
import { PaperButton, useExport } from '../platform/made'
import { AccountCell, AskButton, DebtHead, sectors, toneOf } from './parts'

const forecastQuery = graphql(`
  query NoticeForecast($sector: Sector, $district: ID) {
    noticeForecast(sector: $sector, district: $district) { accounts debt months least deadline errors { code field message } }
  }
`)
const query = graphql(`
  query Notices($sector: Sector, $district: ID, $state: NoticeState, $due: Boolean, $after: String) {
    notices(sector: $sector, district: $district, state: $state, due: $due, first: 50, after: $after) {
      nodes { id state debt overdue months issuedOn deadline delivery stateOn disconnectedOn fee paperPath account { id number address holder { id name } } text { kk ru } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const plansQuery = graphql(`
  query Plans($state: PlanState, $after: String) {
    plans(state: $state, first: 20, after: $after) {
      nodes { id state amount paid agreedOn endedOn account { id number holder { id name } } parts { dueOn amount covered } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const candidatesQuery = graphql(`
  query NoticeCandidates($sector: Sector, $district: ID, $after: String) {
    noticeCandidates(sector: $sector, district: $district, first: 20, after: $after) {
      nodes { debt months account { id number address holder { id name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const issue = graphql(`
  mutation NoticesIssue($input: NoticesIssueInput!) { noticesIssue(input: $input) { job { id } errors { code field message } } }
`)
const off = graphql(`
  mutation NoticeDisconnect($input: NoticeActInput!) { noticeDisconnect(input: $input) { notice { id state } errors { code field message } } }
`)
const on = graphql(`
  mutation NoticeReconnect($input: NoticeActInput!) { noticeReconnect(input: $input) { notice { id state fee } errors { code field message } } }
`)
const withdraw = graphql(`
  mutation NoticeWithdraw($input: NoticeWithdrawInput!) { noticeWithdraw(input: $input) { notice { id state } errors { code field message } } }
`)
const cancel = graphql(`
  mutation PlanCancel($input: PlanCancelInput!) { planCancel(input: $input) { plan { id state } errors { code field message } } }
`)

const states: NoticeState[] = ['WARNED', 'PAID', 'PLAN', 'DISPUTED', 'CLAIMED', 'DISCONNECTED', 'RECONNECTED', 'WITHDRAWN']
const planStates: PlanState[] = ['ACTIVE', 'DONE', 'BROKEN', 'CANCELLED']
type Notice = NoticesQuery['notices']['nodes'][number]
const route = getRouteApi('/debt/notices')

export function NoticesPage() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const today = useToday()
  const districts = useDistricts()
  const { sector, district, state, due, plan } = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: { sector?: Sector | undefined; district?: string | undefined; state?: NoticeState | undefined; due?: true | undefined; plan?: PlanState | undefined }) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const [forecast, again] = useQuery({ query: forecastQuery, variables: { sector: sector ?? null, district: district ?? null } })
  const wanted = { sector: sector ?? null, district: district ?? null, state: state ?? null, due: due ?? null }
  const pages = usePages(query, wanted, (data) => data.notices)
  const exporting = useExport({ notices: wanted })
  const plans = usePages(plansQuery, { state: plan ?? null }, (data) => data.plans)
  const exportingPlans = useExport({ plans: { state: plan ?? null } })
  const refresh = () => {
    again({ requestPolicy: 'network-only' })
    pages.refresh()
    plans.refresh()
  }
  const issuing = useAct(issue)
  const cancelling = useAct(cancel)
  return (
    <>
      <DebtHead title={t('debt.notices')} lead={t('debt.noticesLead')} look={refresh} />
      <Stack>
        <Section title={t('debt.toWarn')}>
          <Answer result={forecast} retry={refresh}>
            {({ noticeForecast: one }) => one.errors.length > 0 ? <Refusals errors={one.errors} /> : (
              <Stack gap="sm">
                <Figures
                  rows={[
                    { label: t('debt.accounts'), value: format.count(one.accounts), note: t('debt.warnTerms', { months: one.months ?? 0, least: format.money(one.least ?? '0.00') }) },
                    { label: t('debt.owed'), value: format.money(one.debt ?? '0.00') },
                    { label: t('debt.deadline'), value: one.deadline ? format.date(one.deadline) : '—' },
                  ]}
                />
                {one.accounts === 0 && <Text size="sm" c="dimmed">{t('debt.nobodyToWarn')}</Text>}
                {one.accounts > 0 && (
                  <Group>
                    <DialogButton label={t('debt.whomToWarn')} title={t('debt.toWarn')} buttonSize="compact-sm" size="xl">{() => <Candidates sector={sector} district={district} />}</DialogButton>
                    {can('DEBT_WRITE') && <AskButton
                      act={issuing} input={{ sector: sector ?? null, districtId: district ?? null }} label={t('debt.warn')} said={t('debt.warning')} done={() => setTimeout(refresh, 1500)}
                      text={t('debt.warnText', { accounts: one.accounts, debt: format.money(one.debt ?? '0.00'), date: one.deadline ? format.date(one.deadline) : '—' })}
                    />}
                  </Group>
                )}
              </Stack>
            )}
          </Answer>
        </Section>
        <Section title={t('debt.warned')} flush>
          <Group p="md" gap="sm" align="flex-end">
            <NativeSelect
              label={t('common.sector')} value={sector ?? ''} onChange={(event) => set({ sector: (event.currentTarget.value || undefined) as Sector | undefined })}
              data={[{ value: '', label: t('common.all') }, ...sectors.map((value) => ({ value, label: t(`enum.Sector.${value}`) }))]}
            />
            <NativeSelect
              label={t('subscribers.district')} value={district ?? ''} onChange={(event) => set({ district: event.currentTarget.value || undefined })}
              data={[{ value: '', label: t('common.all') }, ...districts]}
            />
            <NativeSelect
              label={t('common.state')} value={state ?? ''} onChange={(event) => set({ state: (event.currentTarget.value || undefined) as NoticeState | undefined })}
              data={[{ value: '', label: t('common.all') }, ...states.map((value) => ({ value, label: t(`enum.NoticeState.${value}`) }))]}
            />
            <Switch label={t('debt.deadlineOver')} checked={due ?? false} onChange={(event) => set({ due: event.currentTarget.checked || undefined, ...(event.currentTarget.checked ? { state: 'WARNED' as const } : {}) })} />
          </Group>
          <PagedTable
            caption={t('debt.warned')} pages={pages} rowKey={(row) => row.id} exporting={can('JOB_READ') ? exporting : undefined}
            empty={<Empty title={t('debt.noNotices')}>{t(sector || district || state || due ? 'debt.noNoticesHere' : 'debt.noNoticesText')}</Empty>}
            columns={[
              { key: 'account', head: t('debt.debtor'), cell: (row) => <AccountCell account={row.account} /> },
              { key: 'state', head: t('common.state'), cell: (row) => <div><Chip tone={toneOf(row.state)}>{t(`enum.NoticeState.${row.state}`)}</Chip><Text size="xs" c="dimmed" className="tab">{format.shortDate(row.stateOn)}</Text></div> },
              { key: 'issued', head: t('debt.issuedOn'), cell: (row) => <div><span className="tab">{format.shortDate(row.issuedOn)}</span><Said row={row} /></div> },
              { key: 'deadline', head: t('debt.deadline'), cell: (row) => <span className="tab" style={row.state === 'WARNED' && row.deadline < today ? { color: 'var(--bad)', fontWeight: 600 } : {}}>{format.shortDate(row.deadline)}</span> },
              { key: 'debt', head: t('debt.then'), numeric: true, cell: (row) => format.money(row.debt) },
              { key: 'overdue', head: t('debt.nowOwed'), numeric: true, cell: (row) => <b>{format.money(row.overdue)}</b> },
              { key: 'paper', head: '', cell: (row) => <PaperButton path={row.paperPath} /> },
              { key: 'acts', head: '', cell: (row) => can('DEBT_WRITE') && <Acts row={row} done={refresh} /> },
            ]}
          />
        </Section>
        <Section title={t('debt.plans')} flush>
          <Group p="md" gap="sm" align="flex-end">
            <NativeSelect
              label={t('common.state')} value={plan ?? ''} onChange={(event) => set({ plan: (event.currentTarget.value || undefined) as PlanState | undefined })}
              data={[{ value: '', label: t('common.all') }, ...planStates.map((value) => ({ value, label: t(`enum.PlanState.${value}`) }))]}
            />
          </Group>
          <PagedTable
            caption={t('debt.plans')} pages={plans} rowKey={(row) => row.id} exporting={can('JOB_READ') ? exportingPlans : undefined}
            empty={<Empty title={t('debt.noPlans')}>{t(plan ? 'debt.noPlansHere' : 'debt.noPlansText')}</Empty>}
            columns={[
              { key: 'account', head: t('debt.debtor'), cell: (row) => <AccountCell account={row.account} /> },
              { key: 'state', head: t('common.state'), cell: (row) => <Chip tone={toneOf(row.state)}>{t(`enum.PlanState.${row.state}`)}</Chip> },
              { key: 'agreed', head: t('debt.agreedOn'), cell: (row) => <span className="tab">{format.shortDate(row.agreedOn)}</span> },
              { key: 'next', head: t('debt.nextPart'), cell: (row) => { const next = row.parts.find((part) => !part.covered); return next ? <span className="tab">{format.shortDate(next.dueOn)} · {format.money(next.amount)}</span> : '—' } },
              { key: 'amount', head: t('debt.owed'), numeric: true, cell: (row) => format.money(row.amount) },
              { key: 'paid', head: t('debt.paid'), numeric: true, cell: (row) => <b>{format.money(row.paid)}</b> },
              { key: 'acts', head: '', cell: (row) => can('DEBT_WRITE') && row.state === 'ACTIVE' && <AskButton act={cancelling} input={{ id: row.id }} label={t('debt.cancelPlan')} text={t('debt.cancelPlanText')} said={t('debt.planCancelled')} done={refresh} danger /> },
            ]}
          />
        </Section>
      </Stack>
    </>
  )
}

/** Whom the settings of today would have warned, before anybody is. */
function Candidates({ sector, district }: { sector: Sector | undefined; district: string | undefined }) {
  const t = useT()
  const format = useFormat()
  const pages = usePages(candidatesQuery, { sector: sector ?? null, district: district ?? null }, (data) => data.noticeCandidates)
  return (
    <PagedTable
      caption={t('debt.whomToWarn')} pages={pages} rowKey={(row) => row.account.id} empty={<Empty title={t('debt.nobodyToWarn')} />}
      columns={[
        { key: 'account', head: t('debt.debtor'), cell: (row) => <AccountCell account={row.account} /> },
        { key: 'months', head: t('debt.unpaidMonths'), numeric: true, cell: (row) => format.count(row.months) },
        { key: 'debt', head: t('debt.overdueSum'), numeric: true, cell: (row) => <b>{format.money(row.debt)}</b> },
      ]}
    />
  )
}

/** What the subscriber reads, in both languages of the paper. */
function Said({ row }: { row: Notice }) {
  const t = useT()
  return (
    <Box>
      <DialogButton label={t('debt.noticeText')} title={t('debt.noticeTextOf', { account: row.account.number })} buttonSize="compact-xs" variant="subtle">
        {() => <Stack gap="sm"><Text size="sm" lang="kk">{row.text.kk}</Text><Text size="sm" lang="ru">{row.text.ru}</Text></Stack>}
      </DialogButton>
    </Box>
  )
}

function Acts({ row, done }: { row: Notice; done: () => void }) {
  const t = useT()
  const today = useToday()
  const withdrawing = useAct(withdraw)
  if (row.state === 'WARNED') {
    return (
      <Group gap={6}>
        {row.deadline < today && <DialogButton label={t('debt.disconnect')} buttonSize="compact-sm">{(close) => <ActForm row={row} kind="off" close={close} done={done} />}</DialogButton>}
        <AskButton act={withdrawing} input={{ id: row.id }} label={t('debt.withdraw')} text={t('debt.withdrawNotice')} said={t('debt.withdrawn')} done={done} danger />
      </Group>
    )
  }
  if (row.state === 'DISCONNECTED') return <DialogButton label={t('debt.reconnect')} buttonSize="compact-sm">{(close) => <ActForm row={row} kind="on" close={close} done={done} />}</DialogButton>
  return null
}

function ActForm({ row, kind, close, done }: { row: Notice; kind: 'off' | 'on'; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const disconnecting = useAct(off)
  const reconnecting = useAct(on)
  const act: Act<unknown, NoticeActInput> = kind === 'off' ? disconnecting : reconnecting
  const form = useForm({
    act,
    start: { on: useToday(), act: null as Picked | null },
    input: (read) => ({ id: row.id, on: read.text('on'), actId: read.picked('act') }),
    done: () => finish(kind === 'off' ? t('debt.disconnected') : t('debt.reconnected')),
  })
  return (
    <FormView form={form} submit={kind === 'off' ? t('debt.disconnect') : t('debt.reconnect')} cancel={close} danger={kind === 'off'}>
      <Alert variant="light" color={kind === 'off' ? 'red' : 'blue'}>{kind === 'off' ? t('debt.disconnectText', { account: row.account.number, debt: format.money(row.overdue) }) : t('debt.reconnectText')}</Alert>
      <TextField name="on" label={t('debt.actDay')} kind="date" required />
      <DocumentField name="act" required />
    </FormView>
  )
}
