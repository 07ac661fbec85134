// The queue of doubtful readings: the longest wait first, each beside its meter's history, decided with the hands on the keys.
import { useState } from 'react'
import { Box, Button, Group, Kbd, NativeSelect, Paper, Stack, Text, UnstyledButton } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Chip, DataTable, Empty, Figures, PageHead, Problem, Waiting, useFormat, usePages } from '@aiscra/ui'
import { graphql, type Reason, type Sector, type WaitingReadingsQuery } from '../../gql'
import { useCan, useViewer } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useDistricts } from '../../lib/districts'
import { useT } from '../../lib/i18n'
import { Decision, useDecision } from './decide'
import { verdictTone } from './readings'

const query = graphql(`
  query WaitingReadings($sector: Sector, $district: ID, $reason: Reason, $after: String) {
    waitingReadingCount(sector: $sector, district: $district, reason: $reason)
    waitingReadings(sector: $sector, district: $district, reason: $reason, first: 50, after: $after) {
      nodes {
        id period takenOn value consumption channel receivedAt receivedBy reasons { code message }
        account { id number address sector }
        meter { id serial hot verifiedUntil }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

const besideQuery = graphql(`
  query ReadingBeside($id: ID!) {
    account(id: $id) {
      id
      holder { id name }
      residents { id residents }
      readings(first: 40) { nodes { id period takenOn value consumption verdict channel meter { id } estimate { gross } } }
    }
  }
`)

const route = getRouteApi('/readings')
const allSectors: Sector[] = ['MULTI', 'PRIVATE', 'LEGAL']
const doubts = ['ABOVE_CAPACITY', 'UNUSUAL_JUMP', 'VERIFICATION_EXPIRED'] as const satisfies readonly Reason[]
const besides = 8
type Row = WaitingReadingsQuery['waitingReadings']['nodes'][number]

export function WaitingPage() {
  const t = useT()
  const format = useFormat()
  const viewer = useViewer()
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: Partial<typeof filters>) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const districts = useDistricts()
  const sectors = viewer.sectors.length ? allSectors.filter((one) => viewer.sectors.includes(one)) : allSectors
  const variables = { sector: filters.sector ?? null, district: filters.district ?? null, reason: filters.reason ?? null }
  const pages = usePages(query, variables, (data) => data.waitingReadings)
  const [count] = useQuery({ query, variables, requestPolicy: 'cache-only' })
  return (
    <>
      <PageHead title={t('nav.readings')} lead={t('readings.queueLead')} />
      <Paper withBorder mb="md">
        <Group p="md" gap="sm" align="flex-end">
          <NativeSelect
            label={t('readings.reason')} value={filters.reason ?? ''}
            onChange={(event) => set({ reason: (event.currentTarget.value || undefined) as Reason | undefined })}
            data={[{ value: '', label: t('common.all') }, ...doubts.map((value) => ({ value, label: t(`readings.doubt.${value}`) }))]}
          />
          {sectors.length > 1 && (
            <NativeSelect
              label={t('common.sector')} value={filters.sector ?? ''}
              onChange={(event) => set({ sector: (event.currentTarget.value || undefined) as Sector | undefined })}
              data={[{ value: '', label: t('common.all') }, ...sectors.map((value) => ({ value, label: t(`enum.Sector.${value}`) }))]}
            />
          )}
          <NativeSelect
            label={t('subscribers.district')} value={filters.district ?? ''} onChange={(event) => set({ district: event.currentTarget.value || undefined })}
            data={[{ value: '', label: t('common.all') }, ...districts]}
          />
          {count.data && <Text size="sm" c="dimmed" pb={8} role="status">{t('readings.waitingCount', { count: count.data.waitingReadingCount, shown: format.count(count.data.waitingReadingCount) })}</Text>}
        </Group>
      </Paper>
      {pages.error && <Problem error={pages.error} retry={pages.refresh} />}
      {!pages.ready && !pages.error && <Waiting lines={8} />}
      {pages.ready && pages.rows.length === 0 && <Empty title={t('readings.queueEmpty')}>{t('readings.queueEmptyText')}</Empty>}
      {pages.rows.length > 0 && <Queue rows={pages.rows} refresh={pages.refresh} more={pages.more} />}
    </>
  )
}

function Queue({ rows, refresh, more }: { rows: readonly Row[]; refresh: () => void; more: { has: boolean; busy: boolean; load: () => void } }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const [chosen, setChosen] = useState<string | null>(null)
  const [rejecting, setRejecting] = useState(false)
  const at = Math.max(0, rows.findIndex((one) => one.id === chosen))
  const row = rows[at]!
  const go = (step: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))]!
    setChosen(next.id)
    document.getElementById(`waiting-${next.id}`)?.scrollIntoView({ block: 'nearest' })
  }
  // The one after it takes its place, so that the hands stay where they are.
  const done = () => {
    setChosen(rows[at + 1]?.id ?? rows[at - 1]?.id ?? null)
    refresh()
  }
  const decision = useDecision(done)
  const decides = can('READING_WRITE')
  const key = { usePhysicalKeys: true }
  useHotkeys([
    ['J', () => go(1), key], ['K', () => go(-1), key], ['ArrowDown', () => go(1), key], ['ArrowUp', () => go(-1), key],
    ...(decides && !rejecting
      ? [['A', () => { if (!decision.busy) decision.accept(row.id) }, key], ['R', () => setRejecting(true), key]] as [string, () => void, typeof key][]
      : []),
  ])
  return (
    <div className="queue">
      <Paper withBorder component="section" aria-label={t('readings.queue')} className="queue-list">
        <ol>
          {rows.map((one, index) => (
            <li key={one.id} id={`waiting-${one.id}`}>
              <UnstyledButton className="queue-row" aria-current={index === at} onClick={() => setChosen(one.id)}>
                <Group justify="space-between" wrap="nowrap" gap="xs">
                  <Text span fw={600} className="tab">{one.account.number}</Text>
                  <Text span className="tab" fw={600}>{format.volume(one.value)}</Text>
                </Group>
                <Text size="xs" c="dimmed" truncate>{one.account.address}</Text>
                <Text size="xs" style={{ color: 'var(--warn)' }}>{one.reasons.map((reason) => reason.message).join(' · ')}</Text>
              </UnstyledButton>
            </li>
          ))}
        </ol>
        {more.has && <Box p="sm"><Button fullWidth size="xs" variant="default" loading={more.busy} onClick={more.load}>{t('common.more')}</Button></Box>}
      </Paper>
      <Paper withBorder p="lg" component="section" aria-label={t('readings.beside')} className="queue-beside">
        <Stack gap="md">
          <Group justify="space-between" align="flex-start">
            <div>
              <Text component="h2" fz="lg" fw={700} m={0}>
                <Link className="row-link tab" to="/accounts/$number" params={{ number: row.account.number }} search={{ tab: 'readings' }}>{row.account.number}</Link>
              </Text>
              <Text size="sm" c="dimmed">{row.account.address} · {t(`enum.Sector.${row.account.sector}`)}</Text>
            </div>
            {decides
              ? <Decision keys id={row.id} decision={decision} rejecting={rejecting} reject={setRejecting} done={done} />
              : <Text size="sm" c="dimmed">{t('readings.operatorsDecide')}</Text>}
          </Group>
          {decision.refused}
          <Beside row={row} />
          <Text size="xs" c="dimmed" visibleFrom="sm"><Kbd size="xs">J</Kbd> <Kbd size="xs">K</Kbd> {t('readings.keys')}</Text>
        </Stack>
      </Paper>
    </div>
  )
}

/** The reading that waits, beside what its meter showed before. */
function Beside({ row }: { row: Row }) {
  const t = useT()
  const format = useFormat()
  const codes = useCodes()
  const [result, again] = useQuery({ query: besideQuery, variables: { id: row.account.id }, requestPolicy: 'cache-and-network' })
  return (
    <>
      <Group gap={6}>
        {row.reasons.map((reason) => <Chip key={reason.code} tone="warn">{reason.message}</Chip>)}
      </Group>
      <Figures
        rows={[
          { label: t('readings.value'), value: format.volume(row.value), note: t('readings.takenAt', { date: format.date(row.takenOn) }) },
          { label: t('readings.consumption'), value: row.consumption ? format.volume(row.consumption) : '—', note: t('readings.countsFor', { period: format.period(row.period) }) },
          {
            label: t('subscribers.meter'), value: row.meter?.serial ?? '—',
            note: row.meter && `${row.meter.hot ? t('subscribers.hot') : t('subscribers.cold')}${row.meter.verifiedUntil ? `, ${t('readings.verifiedTo', { date: format.shortDate(row.meter.verifiedUntil) })}` : ''}`,
          },
          { label: t('readings.channel'), value: t(`enum.Channel.${row.channel}`), note: `${codes.actor(row.receivedBy)}, ${format.dateTime(row.receivedAt)}` },
        ]}
      />
      <Answer result={result} retry={() => again({ requestPolicy: 'network-only' })} lines={6}>
        {({ account }) => {
          const history = (account?.readings.nodes ?? []).filter((one) => one.meter?.id === row.meter?.id).slice(0, besides)
          const gross = account?.readings.nodes.find((one) => one.id === row.id)?.estimate?.gross
          return (
            <>
              <Text size="sm" c="dimmed">
                {[account?.holder?.name, account?.residents && t('subscribers.people', { count: account.residents.residents }), gross && t('readings.costs', { sum: format.money(gross) })].filter(Boolean).join(' · ')}
              </Text>
              <DataTable
                caption={t('readings.history')} rows={history} rowKey={(one) => one.id} empty={<Empty title={t('readings.none')} />}
                columns={[
                  { key: 'day', head: t('readings.takenOn'), cell: (one) => <span className="tab" style={one.id === row.id ? { fontWeight: 700 } : {}}>{format.shortDate(one.takenOn)}</span> },
                  { key: 'value', head: t('readings.value'), numeric: true, cell: (one) => <span style={one.id === row.id ? { fontWeight: 700 } : {}}>{format.volume(one.value)}</span> },
                  { key: 'used', head: t('readings.consumption'), numeric: true, cell: (one) => one.consumption ? format.volume(one.consumption) : '—' },
                  { key: 'verdict', head: t('readings.verdict'), cell: (one) => <Chip tone={verdictTone[one.verdict]}>{t(`enum.Verdict.${one.verdict}`)}</Chip> },
                ]}
              />
            </>
          )
        }}
      </Answer>
    </>
  )
}
