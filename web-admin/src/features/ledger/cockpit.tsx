import { useEffect } from 'react'
import { NativeSelect, SegmentedControl, Stack } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery, useSubscription } from 'urql'
import { Answer, Chip, Empty, Figures, PageHead, Section, useFormat, type Tone } from '@aiscra/ui'
import { graphql, type CockpitQuery, type PeriodStatus, type Sector } from '../../gql'
import { useCan, useViewer } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { useAgainWhile } from '../../lib/poll'
import { Conditions } from './conditions'
import { Calendar } from './calendar'
import { Closing, NotOpened } from './closing'
import { CityPreview } from '../billing/city-preview'
import { Papers } from '../billing/papers'
import { RunPanel } from '../billing/run'
import { TrialBalance } from './trial-balance'

const query = graphql(`
  query Cockpit($period: Period!, $sector: Sector!) {
    period(period: $period, sector: $sector) {
      id period sector status openedAt closedAt closedBy accounts charged paid reopened filedAt
      declaredVat { declared ledger difference }
      reopenings { state reason requestedBy requestedAt }
      readings { received accepted doubtful rejected superseded withdrawn }
      conditions { code message met expected found }
      cutOffs { step dueOn state doneAt reason setBy }
      channels { channel counts { received accepted doubtful rejected superseded withdrawn } }
      run {
        id state accounts accountsDone excused lines net vat gross hash dueOn startedBy startedAt postedAt issuedAt reversedAt error newerCount
        byService { service volume gross }
        byBasis { basis lines volume gross }
      }
    }
  }
`)

const periodsQuery = graphql(`
  query Periods { periods(first: 100) { nodes { id period sector status } } }
`)

const progress = graphql(`
  subscription RunProgress($id: ID!) {
    runProgress(id: $id) { id state accounts accountsDone excused lines net vat gross hash error postedAt issuedAt }
  }
`)

export type LedgerPeriod = NonNullable<CockpitQuery['period']>
export type Run = NonNullable<LedgerPeriod['run']>

const route = getRouteApi('/periods')
const statusTone: Record<PeriodStatus, Tone> = { OPEN: 'good', SOFT_CLOSED: 'warn', CLOSED: 'plain' }
const allSectors: Sector[] = ['MULTI', 'PRIVATE', 'LEGAL']
export const running = (run: { state: string } | null | undefined) => run?.state === 'SNAPSHOT' || run?.state === 'RUNNING'

/** Nothing is charged yet, or it was taken back: time to look ahead. */
const before = (run: { state: string } | null | undefined) => !run || run.state === 'REVERSED' || run.state === 'FAILED'

export function Cockpit() {
  const t = useT()
  const format = useFormat()
  const viewer = useViewer()
  const { period: chosen, sector: wanted } = route.useSearch()
  const navigate = route.useNavigate()
  const [list] = useQuery({ query: periodsQuery })

  const sectors = viewer.sectors.length ? allSectors.filter((one) => viewer.sectors.includes(one)) : allSectors
  const sector = wanted ?? sectors[0]!
  const known = (list.data?.periods.nodes ?? []).filter((one) => one.sector === sector).map((one) => one.period)
  const months = [...new Set(known)].toSorted().toReversed()
  const firstOpen = list.data?.periods.nodes.filter((one) => one.sector === sector && one.status !== 'CLOSED').map((one) => one.period).toSorted()[0]
  const period = chosen ?? firstOpen ?? months[0]

  return (
    <>
      <PageHead title={t('nav.periods')}>
        <NativeSelect
          aria-label={t('common.period')} value={period ?? ''}
          onChange={(event) => void navigate({ search: (now) => ({ ...now, period: event.currentTarget.value }), replace: true })}
          data={(period && !months.includes(period) ? [period, ...months] : months).map((value) => ({ value, label: format.period(value) }))}
        />
        <SegmentedControl
          aria-label={t('common.sector')} value={sector} style={{ maxWidth: '100%', overflowX: 'auto' }}
          onChange={(value) => void navigate({ search: (now) => ({ ...now, sector: value as Sector }), replace: true })}
          data={sectors.map((value) => ({ value, label: t(`enum.Sector.${value}`) }))}
        />
      </PageHead>
      <Answer result={list}>
        {() => period ? <Month key={`${period}${sector}`} period={period} sector={sector} /> : <Empty title={t('ledger.noPeriods')} />}
      </Answer>
    </>
  )
}

function Month({ period, sector }: { period: string; sector: Sector }) {
  const can = useCan()
  const [result, refetch] = useQuery({ query, variables: { period, sector } })
  const again = () => refetch({ requestPolicy: 'network-only' })
  const run = result.data?.period?.run
  const live = running(run)
  useSubscription({ query: progress, variables: { id: run?.id ?? '' }, pause: !live })
  // The socket brings the news; asking now and then covers a socket that cannot open, and brings the totals at the end.
  useAgainWhile(live, refetch, 3_000)
  // Whoever decides readings, commits files or charges latecomers does it elsewhere: the conditions follow.
  const status = result.data?.period?.status
  useAgainWhile(Boolean(status) && status !== 'CLOSED' && !live, refetch, 15_000)
  const state = run?.state
  useEffect(() => {
    if (state === 'POSTED') refetch({ requestPolicy: 'network-only' })
  }, [state, refetch])

  return (
    <Answer result={result} retry={again} lines={8}>
      {(data) => !data.period ? <NotOpened period={period} sector={sector} onChange={again} /> : (
        <Stack>
          <Numbers month={data.period} />
          <Calendar month={data.period} onChange={again} />
          {data.period.status !== 'CLOSED' && before(run) && <CityPreview period={period} sector={sector} />}
          {can('BILL_READ') && <RunPanel month={data.period} onChange={again} />}
          {can('BILL_READ') && run?.state === 'ISSUED' && <Papers period={period} sector={sector} />}
          {data.period.status !== 'CLOSED' && <Conditions month={data.period} onChange={again} />}
          <Closing month={data.period} onChange={again} />
          <TrialBalance period={period} sector={sector} stamp={`${data.period.charged}${data.period.paid}${data.period.status}`} />
        </Stack>
      )}
    </Answer>
  )
}

function Numbers({ month }: { month: LedgerPeriod }) {
  const t = useT()
  const format = useFormat()
  const codes = useCodes()
  const { readings } = month
  return (
    <Section
      title={t('ledger.month', { period: format.period(month.period), sector: t(`enum.Sector.${month.sector}`) })}
      side={
        <>
        <Link className="row-link" to="/periods/reports" search={{ period: month.period, sector: month.sector }}>{t('reports.open')}</Link>
        <Chip tone={statusTone[month.status]}>
          {month.status === 'CLOSED' && month.closedAt
            ? t('ledger.closedBy', { who: codes.actor(month.closedBy ?? ''), moment: format.dateTime(month.closedAt) })
            : t(`enum.PeriodStatus.${month.status}`)}
        </Chip>
        </>
      }
    >
      <Figures
        large
        rows={[
          { label: t('ledger.accounts'), value: format.count(month.accounts) },
          {
            label: t('ledger.readings'), value: format.count(readings.accepted),
            note: t('ledger.readingsNote', { doubtful: format.count(readings.doubtful), rejected: format.count(readings.rejected) }),
          },
          { label: t('ledger.charged'), value: format.money(month.charged) },
          { label: t('ledger.paid'), value: format.money(month.paid) },
        ]}
      />
    </Section>
  )
}
