// Houses of a month whose own meter shows something else than their flats account for: the largest differences first.
import { useEffect, useRef, useState } from 'react'
import { Button, Group, NativeSelect, Paper, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Chip, DataTable, Empty, Figures, IconSearch, PageHead, PagedTable, Problem, Refusals, Section, useAct, useFormat, useLanguage, usePages, type Tone } from '@aiscra/ui'
import { graphql, type HouseState, type ImbalanceOrder } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { useAgainWhile } from '../../lib/poll'
import { paperNumber } from '../../lib/paper'
import { monthsFrom } from '../../lib/month-field'
import { Who } from '../../lib/who'
import { useExport } from '../platform/made'
import { Verdict } from './acts'

const query = graphql(`
  query ImbalanceHouses($period: Period!, $state: HouseState, $district: ID, $search: String, $order: ImbalanceOrder, $after: String) {
    imbalanceHouses(period: $period, state: $state, district: $district, search: $search, order: $order, first: 50, after: $after) {
      nodes { building { id address } state reason measured gap carriedIn total percent distributed carriedOut flats }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const summaryQuery = graphql(`
  query ImbalanceSummary($period: Period!) {
    imbalanceReckoning(period: $period) { period ofRun knownAt sums { state houses total distributed carriedOut } }
    imbalanceDecisions(state: PROPOSED, first: 50) {
      nodes { id period kind method reason state proposedBy proposedAt building { id address } document { id number issuedOn } }
    }
    districts { id name { kk ru en } }
  }
`)
// The current month was hardly ever reckoned yet: the page opens on the newest one that was.
const newestQuery = graphql(`
  query ImbalanceNewest { imbalanceReckoning { period } }
`)
const lookMutation = graphql(`
  mutation ImbalanceLook($input: ImbalanceLookInput!) { imbalanceLook(input: $input) { job { id } errors { code field message } } }
`)

export const tone: Record<HouseState, Tone> = { DISTRIBUTED: 'good', HELD: 'bad', CARRIED: 'warn', IGNORED: 'plain', NOTHING: 'plain' }
const states: HouseState[] = ['DISTRIBUTED', 'HELD', 'CARRIED', 'IGNORED', 'NOTHING']
const orders: ImbalanceOrder[] = ['VOLUME', 'PERCENT', 'REGISTERED']
const route = getRouteApi('/imbalance')

/** Twelve months from the newest back. */
const months = (newest: string) => Array.from({ length: 12 }, (_, back) => monthsFrom(newest, -back))

export function ImbalanceHouses() {
  const t = useT()
  const { language } = useLanguage()
  const format = useFormat()
  const can = useCan()
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const today = useToday().slice(0, 7)
  const [newest] = useQuery({ query: newestQuery, pause: filters.period !== undefined })
  const period = filters.period ?? newest.data?.imbalanceReckoning?.period ?? today
  const { state, district, search, order } = filters
  const set = (change: Partial<typeof filters>) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const [typing, setTyping] = useState<string | null>(null)
  const settle = useDebouncedCallback((words: string) => {
    setTyping(null)
    set({ search: words.trim() || undefined })
  }, 300)
  const [summary, refetch] = useQuery({ query: summaryQuery, variables: { period } })
  const pages = usePages(
    query,
    { period, state: state ?? null, district: district ?? null, search: search ?? null, order: order ?? null },
    (data) => data.imbalanceHouses,
  )
  const exporting = useExport({ houses: { period, state: state ?? null, district: district ?? null, search: search ?? null } })
  const look = useAct(lookMutation)
  // A look is over in seconds: what it changed is fetched until the moment it knows has moved.
  const [since, setSince] = useState<string | null>(null)
  const known = summary.data?.imbalanceReckoning?.knownAt ?? ''
  const waiting = since !== null && since === known
  const refresh = pages.refresh
  const read = useRef('')
  useAgainWhile(waiting, refetch)
  useEffect(() => {
    // Once for each look: `refresh` is another function after each reading.
    if (since === null || since === known || read.current === known) return
    read.current = known
    refresh()
  }, [since, known, refresh])
  const begin = async () => {
    if (await look.run({ period })) setSince(known)
  }
  const reckoning = summary.data?.imbalanceReckoning
  const decisions = summary.data?.imbalanceDecisions.nodes ?? []
  return (
    <>
      <PageHead title={t('nav.imbalance')} lead={t('imbalance.lead')}>
        {can('IMBALANCE_WRITE') && <Button variant="default" loading={look.busy || waiting} onClick={() => void begin()}>{t('imbalance.look')}</Button>}
      </PageHead>
      <Stack>
        <Refusals errors={look.errors} />
        {look.broken && <Problem error={look.broken} />}
        {reckoning && (
          <Section title={t(reckoning.ofRun ? 'imbalance.byRun' : 'imbalance.byLook')}>
            <Figures
              rows={reckoning.sums.map((sum) => ({
                label: t(`enum.HouseState.${sum.state}`), value: t('imbalance.houses', { count: sum.houses }), note: format.volume(sum.total),
              }))}
            />
            <Text size="xs" c="dimmed" mt="xs">{t('imbalance.known', { moment: format.dateTime(reckoning.knownAt) })}</Text>
          </Section>
        )}
        {decisions.length > 0 && (
          <Section title={t('imbalance.waiting')} flush>
            <DataTable
              caption={t('imbalance.waiting')} rows={decisions} rowKey={(row) => row.id} empty={null}
              columns={[
                { key: 'house', head: t('imbalance.house'), cell: (row) => <Link className="row-link" to="/imbalance/$house" params={{ house: row.building.id }} search={{ period: row.period }}>{row.building.address}</Link> },
                { key: 'period', head: t('common.period'), cell: (row) => format.period(row.period) },
                { key: 'kind', head: t('imbalance.decision'), cell: (row) => `${t(`enum.DecisionKind.${row.kind}`)}${row.method ? `: ${t(`enum.ImbalanceMethod.${row.method}`)}` : ''}` },
                { key: 'reason', head: t('imbalance.reason'), cell: (row) => row.reason },
                { key: 'document', head: t('archive.document'), cell: (row) => row.document ? t('imbalance.paper', { number: paperNumber(row.document.number), date: format.shortDate(row.document.issuedOn) }) : '—' },
                { key: 'by', head: t('imbalance.by'), cell: (row) => <Who by={row.proposedBy} /> },
                { key: 'acts', head: '', cell: (row) => <Verdict decision={row} done={() => refetch({ requestPolicy: 'network-only' })} /> },
              ]}
            />
          </Section>
        )}
        <Paper withBorder>
          <Group p="md" gap="sm" align="flex-end">
            <NativeSelect
              label={t('common.period')} value={period} onChange={(event) => set({ period: event.currentTarget.value })}
              data={[...new Set([...months(today), period])].map((value) => ({ value, label: format.period(value) }))}
            />
            <TextInput
              flex="1 1 200px" label={t('imbalance.search')} type="search" leftSection={<IconSearch size={16} />} value={typing ?? search ?? ''}
              onChange={(event) => {
                setTyping(event.currentTarget.value)
                settle(event.currentTarget.value)
              }}
            />
            <NativeSelect
              label={t('common.state')} value={state ?? ''} onChange={(event) => set({ state: (event.currentTarget.value || undefined) as HouseState | undefined })}
              data={[{ value: '', label: t('common.all') }, ...states.map((value) => ({ value, label: t(`enum.HouseState.${value}`) }))]}
            />
            <NativeSelect
              label={t('subscribers.district')} value={district ?? ''} onChange={(event) => set({ district: event.currentTarget.value || undefined })}
              data={[{ value: '', label: t('common.all') }, ...(summary.data?.districts ?? []).map((one) => ({ value: one.id, label: one.name[language] }))]}
            />
            <NativeSelect
              label={t('subscribers.sort')} value={order ?? 'VOLUME'} onChange={(event) => set({ order: event.currentTarget.value as ImbalanceOrder })}
              data={orders.map((value) => ({ value, label: t(`enum.ImbalanceOrder.${value}`) }))}
            />
          </Group>
          <PagedTable
            caption={t('nav.imbalance')} remember="imbalance" exporting={can('JOB_READ') ? exporting : undefined} pages={pages} lines={8} rowKey={(row) => row.building.id}
            empty={
              <Empty title={t(reckoning ? 'imbalance.none' : 'imbalance.notReckoned')} action={!reckoning && can('IMBALANCE_WRITE') && <Button mt="xs" loading={look.busy || waiting} onClick={() => void begin()}>{t('imbalance.look')}</Button>}>
                {t(reckoning ? 'imbalance.noneFound' : can('IMBALANCE_WRITE') ? 'imbalance.noneText' : 'imbalance.noneTextReader')}
              </Empty>
            }
            columns={[
              { key: 'house', head: t('imbalance.house'), fixed: true, cell: (row) => <Link className="row-link" to="/imbalance/$house" params={{ house: row.building.id }} search={{ period }}>{row.building.address}</Link> },
              { key: 'flats', head: t('imbalance.flats'), numeric: true, cell: (row) => format.count(row.flats) },
              { key: 'measured', head: t('imbalance.measured'), numeric: true, cell: (row) => row.measured == null ? '—' : format.volume(row.measured) },
              { key: 'gap', head: t('imbalance.gap'), numeric: true, cell: (row) => format.volume(row.gap) },
              { key: 'carriedIn', head: t('imbalance.carriedIn'), numeric: true, cell: (row) => format.volume(row.carriedIn) },
              { key: 'percent', head: '%', numeric: true, cell: (row) => row.percent == null ? '—' : format.percent((Number(row.percent) / 100).toFixed(4)) },
              { key: 'distributed', head: t('imbalance.distributed'), numeric: true, cell: (row) => format.volume(row.distributed) },
              { key: 'state', head: t('common.state'), cell: (row) => <Chip tone={tone[row.state]}>{t(`enum.HouseState.${row.state}`)}</Chip> },
              { key: 'why', head: t('imbalance.why'), cell: (row) => row.reason ? <Text size="sm">{t(`enum.HouseReason.${row.reason}`)}</Text> : '—' },
            ]}
          />
        </Paper>
      </Stack>
    </>
  )
}
