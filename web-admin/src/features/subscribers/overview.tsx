// What a caller asks about, in one look: what is wrong, what is owed for which month, what was paid, which meters stand.
import { Suspense, lazy } from 'react'
import { Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Chart, Chip, DataTable, DialogButton, Empty, Section, sign, useFormat, type Tone } from '@aiscra/ui'
import { useCan, useToday } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { addUp } from '../../lib/sums'
import { Specials } from '../consumption/specials'
import { MeterActs } from '../meters/acts'
import type { Account } from './account'
import { AsOf } from './as-of'
import { ShareMeter, SharedMeters } from './shared-meters'

const days = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)
const soon = 60
// The worst is said first.
const weight: readonly Tone[] = ['bad', 'warn', 'plain', 'busy', 'good']

/** What the operator should say before being asked. */
export function Signals({ account }: { account: Account }) {
  const t = useT()
  const format = useFormat()
  const today = useToday()
  const signals: [Tone, string][] = []
  if (sign(account.balance) > 0 && account.dueOn && account.dueOn < today) signals.push(['bad', t('subscribers.late', { count: days(account.dueOn, today) })])
  for (const { kind, from, to } of account.specials) {
    if (kind && from <= today && (!to || to >= today)) signals.push(['warn', t('consumption.signal', { kind: t(`enum.SpecialKind.${kind}`), date: format.shortDate(from) })])
  }
  for (const { hot, meter, lastReading, waitingReading } of account.status === 'ACTIVE' ? account.points : []) {
    const which = hot ? t('subscribers.hotWater') : t('subscribers.coldWater')
    if (!meter) continue
    if (meter.verifiedUntil && meter.verifiedUntil < today) signals.push(['bad', t('subscribers.verificationOver', { which, date: format.shortDate(meter.verifiedUntil) })])
    else if (meter.verifiedUntil && days(today, meter.verifiedUntil) <= soon) signals.push(['warn', t('subscribers.verificationSoon', { which, date: format.shortDate(meter.verifiedUntil) })])
    if (lastReading === undefined) continue
    if (waitingReading) signals.push(['warn', t('subscribers.doubtful', { which, value: format.volume(waitingReading.value), date: format.shortDate(waitingReading.takenOn) })])
    else if (lastReading?.takenOn.slice(0, 7) !== today.slice(0, 7)) signals.push(['plain', t('subscribers.noReadingYet', { which })])
    else signals.push(['good', t('subscribers.readingIn', { which })])
  }
  if (signals.length === 0) return null
  return (
    <Group gap={6} mt="md" role="list" aria-label={t('subscribers.signals')}>
      {signals.toSorted(([a], [b]) => weight.indexOf(a) - weight.indexOf(b)).map(([tone, words]) => <div role="listitem" key={words}><Chip tone={tone} long>{words}</Chip></div>)}
    </Group>
  )
}

// Contracts, former holders and their forms are read less often than the rest.
const Contracts = lazy(() => import('../contracts/contracts').then((module) => ({ default: module.Contracts })))
const InletForm = lazy(() => import('./objects').then((module) => ({ default: module.InletForm })))
const IncludeForm = lazy(() => import('./objects').then((module) => ({ default: module.IncludeForm })))
const ExcludeForm = lazy(() => import('./objects').then((module) => ({ default: module.ExcludeForm })))
const Holders = lazy(() => import('./holders').then((module) => ({ default: module.Holders })))

export function Overview({ account, refresh }: { account: Account; refresh: () => void }) {
  const t = useT()
  const can = useCan()
  return (
    <Stack>
      <Meters account={account} refresh={refresh} />
      <SharedMeters account={account} refresh={refresh} />
      <Specials account={account} refresh={refresh} />
      <SimpleGrid cols={{ base: 1, md: 2 }} style={{ alignItems: 'start' }}>
        <Stack>
          {account.bills && account.bills.nodes.length > 1 && <Year bills={account.bills.nodes} />}
          {account.payments && <LastPayments account={account} />}
        </Stack>
        {account.openItems && <Owed account={account} />}
      </SimpleGrid>
      {can('CONTRACT_READ') && <Suspense fallback={null}><Contracts account={account} refresh={refresh} /></Suspense>}
      <Suspense fallback={null}><Holders account={account} refresh={refresh} /></Suspense>
      <AsOf id={account.id} />
      <Link className="row-link" to="/accounts/$number/preview" params={{ number: account.number }} style={{ fontSize: 14 }}>{t('billing.previewLink')}</Link>
    </Stack>
  )
}

function Meters({ account, refresh }: { account: Account; refresh: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const writes = can('ACCOUNT_WRITE') && account.status === 'ACTIVE'
  const installs = can('METER_WRITE') && account.status === 'ACTIVE'
  return (
    <Section
      flush title={t('subscribers.points')}
      side={writes && (
        <>
          <DialogButton label={t('objects.include')} size="xl" buttonSize="xs">{(close) => <Suspense fallback={null}><IncludeForm account={account} close={close} refresh={refresh} /></Suspense>}</DialogButton>
          <DialogButton label={t('objects.inletAdd')} size="xl" buttonSize="xs">{(close) => <Suspense fallback={null}><InletForm account={account} close={close} refresh={refresh} /></Suspense>}</DialogButton>
          <ShareMeter account={account} refresh={refresh} />
        </>
      )}
    >
      <DataTable
        caption={t('subscribers.points')} rows={account.points} rowKey={(row) => row.id} empty={<Empty title={t('subscribers.noPoints')} />}
        columns={[
          {
            key: 'kind', head: t('subscribers.supply'),
            cell: (row) => (
              <div>
                {row.hot ? t('subscribers.hot') : t('subscribers.cold')}
                {row.place && row.place.id !== account.premise.id && <Text size="xs">{row.place.address}</Text>}
                <Text size="xs" c="dimmed">{[row.water && t('subscribers.water'), row.sewerage && t('subscribers.sewerage')].filter(Boolean).join(', ') || t('consumption.noServices')}</Text>
                {row.suppliedSince && row.suppliedSince > account.openedOn && <Text size="xs" c="dimmed">{t('consumption.since', { date: format.shortDate(row.suppliedSince) })}</Text>}
              </div>
            ),
          },
          { key: 'amenity', head: t('subscribers.amenity'), cell: (row) => account.sector === 'LEGAL' ? '—' : t(`enum.Amenity.${row.amenity}`) },
          {
            key: 'meter', head: t('subscribers.meter'),
            cell: (row) => row.meter
              ? <div><span className="tab">{row.meter.serial}</span><Text size="xs" c="dimmed">{row.meter.model.name}</Text></div>
              : (
                <div>
                  <Chip tone="plain">{t('subscribers.noMeter')}</Chip>
                  {row.meterAway?.removedOn && row.meterAway.removalReason && (
                    <Text size="xs" c="dimmed">{t('meters.away', { serial: row.meterAway.serial, reason: t(`enum.RemovalReason.${row.meterAway.removalReason}`).toLowerCase(), date: format.shortDate(row.meterAway.removedOn) })}</Text>
                  )}
                </div>
              ),
          },
          { key: 'verified', head: t('subscribers.verifiedUntil'), cell: (row) => row.meter?.verifiedUntil ? format.shortDate(row.meter.verifiedUntil) : '—' },
          {
            key: 'last', head: t('subscribers.lastReading'), numeric: true,
            cell: (row) => (
              <div>
                {row.lastReading ? <>{format.volume(row.lastReading.value)}<Text size="xs" c="dimmed">{format.shortDate(row.lastReading.takenOn)}</Text></> : '—'}
                {row.waitingReading && (
                  <Link className="row-link" to="/accounts/$number" params={{ number: account.number }} search={{ tab: 'readings' }} style={{ fontSize: 12 }} title={row.waitingReading.reasons.map((one) => one.message).join('; ')}>
                    {t('subscribers.waits', { value: format.volume(row.waitingReading.value) })}
                  </Link>
                )}
              </div>
            ),
          },
          ...(installs || writes
            ? [{
              key: 'acts', head: <span className="unseen">{t('common.acts')}</span>,
              cell: (row: Account['points'][number]) => (
                <Group gap={6}>
                  {installs && <MeterActs point={row} done={refresh} />}
                  {writes && account.points.length > 1 && (
                    <DialogButton label={t('objects.exclude')} buttonSize="compact-sm">
                      {(close) => <Suspense fallback={null}><ExcludeForm account={account} point={row} close={close} refresh={refresh} /></Suspense>}
                    </DialogButton>
                  )}
                </Group>
              ),
            }]
            : []),
        ]}
      />
    </Section>
  )
}

const tiyn = (sum: string) => Math.round(Number(sum) * 100)
const tenge = (sum: number) => (sum / 100).toFixed(2)

// So many months say what they are made of; the bill of each has the rest.
const detailed = 2
/** Months not settled yet, the latest first, with what each is made of. */
function Owed({ account }: { account: Account }) {
  const t = useT()
  const format = useFormat()
  const today = useToday()
  const items = account.openItems!.nodes
  const months = [...new Set(items.map((item) => item.origin))].toSorted().toReversed()
  const rows = months.map((origin) => {
    const own = items.filter((item) => item.origin === origin)
    return {
      origin, own, due: own.map((item) => item.dueOn).toSorted()[0]!, penaltyOnly: own.every((item) => item.component === 'PENALTY'),
      rest: tenge(own.reduce((sum, item) => sum + tiyn(item.rest), 0)), settled: own.reduce((sum, item) => sum + tiyn(item.settled), 0),
      amount: tenge(own.reduce((sum, item) => sum + tiyn(item.amount), 0)),
    }
  })
  // The same service may stand twice: what is not its charge is said.
  const name = (item: (typeof items)[number]) =>
    item.service
      ? `${t(`enum.Service.${item.service}`)}${item.component && item.component !== 'CHARGE' ? ` (${t(`enum.Component.${item.component}`).toLocaleLowerCase(format.language)})` : ''}`
      : item.component ? t(`enum.Component.${item.component}`) : t('ledger.advance')
  return (
    <Section flush title={t('ledger.openItems')}>
      <DataTable
        caption={t('ledger.openItems')} rows={rows} rowKey={(row) => row.origin} empty={<Empty title={t('ledger.noOpenItems')} />}
        columns={[
          {
            key: 'origin', head: t('ledger.origin'),
            cell: (row) => (
              <div>
                {format.period(row.origin)}
                {row.penaltyOnly && months.indexOf(row.origin) >= detailed && <Text size="xs" c="dimmed">{t('enum.Component.PENALTY').toLocaleLowerCase(format.language)}</Text>}
                {months.indexOf(row.origin) < detailed && row.own.map((item) => <Text key={item.id} size="xs" c="dimmed">{name(item)}: <span className="tab">{format.money(item.rest)}</span></Text>)}
              </div>
            ),
          },
          {
            key: 'due', head: t('subscribers.due'),
            cell: (row) => row.due < today && sign(row.rest) > 0
              ? <div style={{ color: 'var(--bad)' }}>{format.shortDate(row.due)}<Text size="xs">{t('subscribers.late', { count: days(row.due, today) })}</Text></div>
              : format.shortDate(row.due),
          },
          {
            key: 'rest', head: t('ledger.rest'), numeric: true,
            total: format.money(addUp(rows.map((row) => row.rest))),
            cell: (row) => <><b>{format.money(row.rest)}</b>{row.settled !== 0 && <Text size="xs" c="dimmed">{t('ledger.restOf', { sum: format.money(row.amount) })}</Text>}</>,
          },
        ]}
      />
      {account.openItems!.pageInfo.hasNextPage && <Text size="xs" c="dimmed" px="md" pb="sm">{t('ledger.firstFifty')}</Text>}
    </Section>
  )
}

function Year({ bills }: { bills: NonNullable<Account['bills']>['nodes'] }) {
  const t = useT()
  const format = useFormat()
  const months = bills.toReversed()
  return (
    <Section title={t('billing.year')}>
      <Chart
        title={t('billing.year')} corner={t('common.period')} height={190}
        labels={months.map((one) => format.shortMonth(one.period))} full={months.map((one) => format.period(one.period))}
        series={[
          { name: t('billing.charged'), values: months.map((one) => one.charged) },
          { name: t('billing.paid'), values: months.map((one) => one.paid) },
        ]}
      />
    </Section>
  )
}

function LastPayments({ account }: { account: Account }) {
  const t = useT()
  const format = useFormat()
  const codes = useCodes()
  return (
    <Section flush title={t('payments.last')} side={<Link className="row-link" to="/accounts/$number" params={{ number: account.number }} search={{ tab: 'payments' }} style={{ fontSize: 14 }}>{t('payments.allOfThem')}</Link>}>
      <DataTable
        caption={t('payments.last')} rows={account.payments!.nodes} rowKey={(row) => row.id} empty={<Empty title={t('payments.none')} />}
        columns={[
          { key: 'day', head: t('payments.paidOn'), cell: (row) => <span className="tab">{format.shortDate(row.paidOn)}</span> },
          { key: 'channel', head: t('payments.channel'), cell: (row) => codes.channel(row.channel) },
          { key: 'amount', head: t('ledger.amount'), numeric: true, cell: (row) => row.reversed ? <Chip tone="bad">{t('payments.reversed')}</Chip> : <b>{format.money(row.amount)}</b> },
        ]}
      />
    </Section>
  )
}
