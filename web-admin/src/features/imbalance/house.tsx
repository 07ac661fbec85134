// One house of a month: what its difference is made of, what may be behind it, what each method would make of it, what was decided.
import { useState } from 'react'
import { Box, Button, Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Chart, Chip, DataTable, Empty, Figures, PageHead, Section, sign, unsigned, useFormat, useUi } from '@aiscra/ui'
import { graphql, type ImbalanceHouseQuery } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { paperNumber } from '../../lib/paper'
import { addUp } from '../../lib/sums'
import { Who } from '../../lib/who'
import { Decide, Heating, Verdict, methods } from './acts'
import { Areas } from './areas'
import { Exclusions } from './exclusions'
import { tone } from './houses'
import { Members } from './members'

const query = graphql(`
  query ImbalanceHouse($building: ID!, $period: Period!, $accounts: Boolean!, $papers: Boolean!) {
    imbalanceReckoning(period: $period) { period ofRun }
    imbalanceHouse(building: $building, period: $period) {
      house {
        building { id address } period state reason comparedBy measured metered averaged normed nonResidential hot corrected gap carriedIn total percent
        distributed carriedOut dropped method flats sharing unreckoned from to
      }
      inlets { pointId meterId serial state verifiedUntil previousDay previousValue lastDay lastValue volume }
      causes { kind estimate atStake count accounts @include(if: $accounts) { id number } }
      flats {
        account @include(if: $accounts) { id number address }
        own metered hot registered validMeter excluded variants { method weight volume gross }
      }
      left { method carriedOut }
      areaUnknown withoutArea @include(if: $accounts) { id number } bulkPayer @include(if: $accounts)
      heatsOwnWater
      exclusions { account @include(if: $accounts) { id number } reason from to document { id number issuedOn } }
      members { account @include(if: $accounts) { id number holder { id name } } from to document @include(if: $papers) { id number issuedOn } }
      history { period state measured gap carriedIn distributed carriedOut percent }
      words { kk ru en }
    }
    imbalanceDecisions(building: $building, first: 20) {
      nodes { id period kind method reason state proposedBy proposedAt decidedBy decidedAt declinedWhy document { id number issuedOn } }
    }
  }
`)

const route = getRouteApi('/imbalance/$house')
type Bench = NonNullable<ImbalanceHouseQuery['imbalanceHouse']>
type House = Bench['house']
type Flat = Bench['flats'][number]

export function ImbalanceHousePage() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const { house: building } = route.useParams()
  const today = useToday().slice(0, 7)
  const period = route.useSearch().period ?? today
  const [result, refetch] = useQuery({ query, variables: { building, period, accounts: can('ACCOUNT_READ'), papers: can('DOCUMENT_READ') } })
  const again = () => refetch({ requestPolicy: 'network-only' })
  return (
    <Answer result={result} retry={again} lines={10}>
      {({ imbalanceHouse: bench, imbalanceReckoning, imbalanceDecisions }) => !bench ? (
        <>
          <PageHead title={t('nav.imbalance')} />
          <Empty title={t('imbalance.noHouse')} action={<Link className="row-link" to="/imbalance" search={{ period }}>{t('imbalance.toHouses')}</Link>}>{t('imbalance.noneText')}</Empty>
        </>
      ) : (
        <>
          <PageHead
            title={bench.house.building.address}
            lead={<><Link className="row-link" to="/imbalance" search={{ period }}>{t('nav.imbalance')}</Link>{` · ${format.period(period)} · ${t(imbalanceReckoning?.ofRun ? 'imbalance.byRun' : 'imbalance.byLook')}`}</>}
          >
            <Chip tone={tone[bench.house.state]}>{t(`enum.HouseState.${bench.house.state}`)}</Chip>
            {can('IMBALANCE_WRITE') && !imbalanceReckoning?.ofRun && <Decide house={building} period={period} done={again} />}
          </PageHead>
          <Stack>
            <Made house={bench.house} />
            {bench.bulkPayer && <Text size="sm"><Link className="row-link" to="/accounts/$number" params={{ number: bench.bulkPayer }}>{t('imbalance.bulkPayer', { number: bench.bulkPayer })}</Link></Text>}
            {bench.areaUnknown > 0 && (bench.house.method === 'BY_AREA' || bench.house.reason === 'AREA_UNKNOWN') && <Areas bench={bench} done={again} />}
            <Inlets bench={bench} building={building} done={again} />
            {bench.causes.length > 0 && <Causes bench={bench} />}
            <Decisions rows={imbalanceDecisions.nodes} done={again} />
            {bench.flats.length > 0 && <Methods bench={bench} />}
            <Flats bench={bench} />
            <Exclusions bench={bench} done={again} />
            <Members bench={bench} done={again} />
            <Section title={t('imbalance.words')}>
              <SimpleGrid cols={{ base: 1, md: 3 }}>
                {(['kk', 'ru', 'en'] as const).map((one) => <Text key={one} size="sm" lang={one}>{bench.words[one]}</Text>)}
              </SimpleGrid>
            </Section>
            <History rows={bench.history} />
          </Stack>
        </>
      )}
    </Answer>
  )
}

/** Two bars of one scale: what the house meter shows, and what it is accounted for by. Whichever is longer, the rest is the gap. */
function Made({ house }: { house: House }) {
  const t = useT()
  const format = useFormat()
  const parts = [
    { key: 'metered', value: house.metered, color: 'var(--chart-1)' },
    { key: 'averaged', value: house.averaged, color: 'var(--chart-2)' },
    { key: 'normed', value: house.normed, color: 'var(--chart-3)' },
    { key: 'nonResidential', value: house.nonResidential, color: 'var(--plain)' },
    { key: 'hot', value: house.hot, color: 'var(--warn)' },
    { key: 'corrected', value: house.corrected, color: 'var(--mark)' },
    { key: 'gap', value: house.gap, color: 'var(--bad)' },
  ] as const
  const shown = parts.filter((part) => sign(part.value) > 0)
  const sum = shown.reduce((total, part) => total + Number(part.value), 0)
  const measured = Number(house.measured ?? 0)
  const scale = Math.max(sum, measured, 0.001)
  const wide = (value: number) => `${Math.max(0.3, (100 * value) / scale)}%`
  return (
    <Section title={t('imbalance.made')}>
      <Stack gap={6} role="img" aria-label={[{ key: 'measured', value: house.measured ?? '0.000' } as const, ...parts].map((part) => `${t(`imbalance.${part.key}`)}: ${format.volume(part.value)}`).join('; ')}>
        <Text size="xs" c="dimmed">{t('imbalance.measured')}</Text>
        <Box h={18} w={wide(measured)} bg="var(--mark)" />
        <Text size="xs" c="dimmed">{t('imbalance.accounted')}</Text>
        <Group gap={0} wrap="nowrap" h={18}>
          {shown.map((part) => <Box key={part.key} h="100%" bg={part.color} w={wide(Number(part.value))} title={`${t(`imbalance.${part.key}`)}: ${format.volume(part.value)}`} />)}
        </Group>
      </Stack>
      <Group gap="md" mt={6} mb="md">
        {shown.map((part) => (
          <Group key={part.key} gap={6}><Box w={10} h={10} bg={part.color} /><Text size="xs">{t(`imbalance.${part.key}`)}</Text></Group>
        ))}
      </Group>
      {sign(house.gap) < 0 && <Text size="sm" mb="md">{t('imbalance.negative', { volume: format.volume(unsigned(house.gap)) })}</Text>}
      <Figures
        rows={[
          { label: t('imbalance.measured'), value: house.measured == null ? '—' : format.volume(house.measured), note: `${format.date(house.from)} – ${format.date(house.to)}` },
          ...parts.filter((part) => part.key === 'gap' || sign(part.value) !== 0).map((part) => ({ label: t(`imbalance.${part.key}`), value: format.volume(part.value) })),
          { label: t('imbalance.carriedIn'), value: format.volume(house.carriedIn) },
          { label: t('imbalance.total'), value: format.volume(house.total), note: house.percent == null ? null : format.percent((Number(house.percent) / 100).toFixed(4)) },
          { label: t('imbalance.distributed'), value: format.volume(house.distributed), note: t(`enum.ImbalanceMethod.${house.method}`) },
          { label: t('imbalance.carriedOut'), value: format.volume(house.carriedOut) },
          sign(house.dropped) !== 0 && { label: t('imbalance.dropped'), value: format.volume(house.dropped) },
          house.unreckoned > 0 && { label: t('imbalance.unreckoned'), value: format.count(house.unreckoned) },
        ]}
      />
      {house.comparedBy === 'AVERAGE' && <Text size="sm" mt="sm">{t('imbalance.measured')}: {t('imbalance.byAverage')}</Text>}
      {house.reason && <Text size="sm" mt="sm">{t('imbalance.why')}: {t(`enum.HouseReason.${house.reason}`)}</Text>}
    </Section>
  )
}

function Inlets({ bench, building, done }: { bench: Bench; building: string; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const reading = (day: string | null | undefined, value: string | null | undefined) => day && value ? `${format.volume(value)} · ${format.shortDate(day)}` : '—'
  return (
    <Section
      title={t('imbalance.inlets')} flush
      side={
        <>
          {bench.heatsOwnWater && <Chip tone="plain">{t('imbalance.heats')}</Chip>}
          {can('IMBALANCE_WRITE') && <Heating house={building} own={bench.heatsOwnWater} done={done} />}
        </>
      }
    >
      <DataTable
        caption={t('imbalance.inlets')} rows={bench.inlets} rowKey={(row) => `${row.pointId} ${row.meterId}`} empty={null}
        columns={[
          { key: 'serial', head: t('imbalance.serial'), cell: (row) => row.serial },
          { key: 'state', head: t('common.state'), cell: (row) => t(`enum.InletState.${row.state}`) },
          { key: 'previous', head: t('imbalance.previous'), numeric: true, cell: (row) => reading(row.previousDay, row.previousValue) },
          { key: 'last', head: t('imbalance.last'), numeric: true, cell: (row) => reading(row.lastDay, row.lastValue) },
          { key: 'volume', head: t('imbalance.volume'), numeric: true, cell: (row) => row.volume == null ? '—' : format.volume(row.volume) },
          { key: 'verified', head: t('imbalance.verified'), cell: (row) => format.date(row.verifiedUntil) },
        ]}
      />
    </Section>
  )
}

function Causes({ bench }: { bench: Bench }) {
  const t = useT()
  const format = useFormat()
  return (
    <Section title={t('imbalance.causes')} flush>
      <Text size="sm" c="dimmed" px="md">{t('imbalance.causesLead')}</Text>
      <DataTable
        caption={t('imbalance.causes')} rows={bench.causes} rowKey={(row) => row.kind} empty={null}
        columns={[
          { key: 'kind', head: t('imbalance.cause'), cell: (row) => t(`enum.CauseKind.${row.kind}`) },
          { key: 'estimate', head: t('imbalance.estimate'), numeric: true, cell: (row) => row.estimate == null ? '—' : format.volume(row.estimate) },
          { key: 'stake', head: t('imbalance.atStake'), numeric: true, cell: (row) => sign(row.atStake) === 0 ? '—' : format.volume(row.atStake) },
          { key: 'count', head: t('imbalance.accounts'), numeric: true, cell: (row) => format.count(row.count) },
          {
            key: 'sample', head: <span className="unseen">{t('imbalance.account')}</span>, width: 260, cell: (row) => (
              <Group gap={6}>{(row.accounts ?? []).slice(0, 8).map((one) => <Link key={one.id} className="row-link tab" to="/accounts/$number" params={{ number: one.number }}>{one.number}</Link>)}</Group>
            ),
          },
        ]}
      />
    </Section>
  )
}

const of = (flat: Flat, method: (typeof methods)[number]) => flat.variants.find((one) => one.method === method)

const size = (sum: string) => Math.abs(Number(sum))

/** Before the flats one by one: what each method comes to for the house, and how hard it is on whom it hits most. */
function Methods({ bench }: { bench: Bench }) {
  const t = useT()
  const format = useFormat()
  const rows = methods.map((method) => {
    const bearing = bench.flats.map((flat) => of(flat, method)).filter((one) => one && sign(one.volume) !== 0).map((one) => one!)
    return {
      method, flats: bearing.length, volume: addUp(bearing.map((one) => one.volume), 3), gross: addUp(bearing.map((one) => one.gross)),
      most: bearing.reduce((most, one) => (size(one.gross) > size(most) ? one.gross : most), '0.00'),
      mean: bearing.length ? (Number(addUp(bearing.map((one) => one.gross))) / bearing.length).toFixed(2) : '0.00',
      left: bench.left.find((one) => one.method === method)?.carriedOut,
    }
  })
  const names = rows.map((row) => t(`enum.ImbalanceMethod.${row.method}`))
  return (
    <Section title={t('imbalance.methods')}>
      <Text size="sm" c="dimmed" mb="sm">{t('imbalance.methodsLead')}</Text>
      {rows.some((row) => row.flats > 0) && (
        <Chart
          title={t('imbalance.methods')} corner={t('imbalance.method')} sideways height={60 + 44 * rows.length} labels={names} full={names}
          series={[
            { name: t('imbalance.mean'), values: rows.map((row) => row.mean) },
            { name: t('imbalance.most'), values: rows.map((row) => row.most) },
          ]}
        />
      )}
      <DataTable
        caption={t('imbalance.methods')} rows={rows} rowKey={(row) => row.method} empty={null}
        columns={[
          { key: 'method', head: t('imbalance.method'), cell: (row) => <>{t(`enum.ImbalanceMethod.${row.method}`)}{row.method === bench.house.method && <Text size="xs" c="dimmed">{t('imbalance.inForce')}</Text>}</> },
          { key: 'flats', head: t('imbalance.bearing'), numeric: true, cell: (row) => t('common.of', { done: format.count(row.flats), total: format.count(bench.flats.length) }) },
          { key: 'volume', head: t('imbalance.distributed'), numeric: true, cell: (row) => format.volume(row.volume) },
          { key: 'left', head: t('imbalance.carriedOut'), numeric: true, cell: (row) => row.left == null ? '—' : format.volume(row.left) },
          { key: 'gross', head: t('imbalance.gross'), numeric: true, cell: (row) => <b>{format.money(row.gross)}</b> },
          { key: 'most', head: t('imbalance.most'), numeric: true, cell: (row) => row.flats ? format.money(row.most) : '—' },
        ]}
      />
    </Section>
  )
}

/** So many flats at once; a house may have hundreds. */
const few = 12

function Flats({ bench }: { bench: Bench }) {
  const t = useT()
  const ui = useUi()
  const format = useFormat()
  const [all, setAll] = useState(false)
  const total = (method: (typeof methods)[number]) => {
    const own = bench.flats.map((flat) => of(flat, method)).filter((one) => one !== undefined)
    return <>{format.volume(addUp(own.map((one) => one.volume), 3))}<Text size="xs" c="dimmed" component="div">{format.money(addUp(own.map((one) => one.gross)))}</Text></>
  }
  return (
    <Section title={t('imbalance.sideBySide')} flush>
      <Text size="sm" c="dimmed" px="md">{t('imbalance.sideBySideLead')}</Text>
      <DataTable
        caption={t('imbalance.sideBySide')} remember="imbalance.flats" rows={bench.flats.slice(0, all ? undefined : few).map((flat, at) => ({ flat, at }))} rowKey={(row) => String(row.at)}
        empty={<Empty title={t('imbalance.noFlats')} />}
        columns={[
          {
            key: 'account', head: t('imbalance.account'), fixed: true,
            cell: ({ flat }) => flat.account ? <Link className="row-link tab" to="/accounts/$number" params={{ number: flat.account.number }} title={flat.account.address}>{flat.account.number}</Link> : '—',
          },
          { key: 'own', head: t('imbalance.own'), numeric: true, cell: ({ flat }) => format.volume(flat.own), total: format.volume(addUp(bench.flats.map((flat) => flat.own), 3)) },
          { key: 'people', head: t('imbalance.registered'), numeric: true, cell: ({ flat }) => format.count(flat.registered), total: format.count(bench.flats.reduce((sum, flat) => sum + flat.registered, 0)) },
          { key: 'meter', head: t('imbalance.meter'), cell: ({ flat }) => flat.excluded ? <Chip tone="warn">{t('imbalance.excluded')}</Chip> : t(flat.validMeter ? 'imbalance.withMeter' : 'imbalance.withoutMeter') },
          ...methods.map((method) => ({
            key: method, head: t(`enum.ImbalanceMethod.${method}`), numeric: true, total: total(method),
            cell: ({ flat }: { flat: Flat; at: number }) => {
              const one = of(flat, method)
              return one && sign(one.volume) !== 0 ? <>{format.volume(one.volume)}<Text size="xs" c="dimmed" component="div">{format.money(one.gross)}</Text></> : '—'
            },
          })),
        ]}
      />
      {bench.flats.length > few && (
        <Group justify="space-between" px="md" py="sm">
          <Text size="xs" c="dimmed">{ui('ui.shownOf', { shown: format.count(all ? bench.flats.length : few), total: format.count(bench.flats.length) })}</Text>
          <Button size="xs" variant="default" aria-expanded={all} onClick={() => setAll(!all)}>{all ? t('imbalance.fewer') : t('imbalance.allFlats', { count: bench.flats.length })}</Button>
        </Group>
      )}
    </Section>
  )
}

function Decisions({ rows, done }: { rows: ImbalanceHouseQuery['imbalanceDecisions']['nodes']; done: () => void }) {
  const t = useT()
  const format = useFormat()
  return (
    <Section title={t('imbalance.decisions')} flush>
      <DataTable
        caption={t('imbalance.decisions')} rows={rows} rowKey={(row) => row.id} empty={<Text p="md" size="sm" c="dimmed">{t('imbalance.noDecisions')}</Text>}
        columns={[
          { key: 'period', head: t('common.period'), cell: (row) => format.period(row.period) },
          { key: 'kind', head: t('imbalance.decision'), cell: (row) => `${t(`enum.DecisionKind.${row.kind}`)}${row.method ? `: ${t(`enum.ImbalanceMethod.${row.method}`)}` : ''}` },
          { key: 'reason', head: t('imbalance.reason'), cell: (row) => row.reason },
          { key: 'document', head: t('archive.document'), cell: (row) => row.document ? t('imbalance.paper', { number: paperNumber(row.document.number), date: format.shortDate(row.document.issuedOn) }) : '—' },
          { key: 'state', head: t('common.state'), cell: (row) => <>{t(`enum.ProposalState.${row.state}`)}{row.declinedWhy && <Text size="xs" c="dimmed">{row.declinedWhy}</Text>}</> },
          { key: 'by', head: t('imbalance.by'), cell: (row) => <><Who by={row.proposedBy} />{row.decidedBy && <> → <Who by={row.decidedBy} /></>}</> },
          { key: 'acts', head: '', cell: (row) => row.state === 'PROPOSED' ? <Verdict decision={row} done={done} /> : null },
        ]}
      />
    </Section>
  )
}

function History({ rows }: { rows: Bench['history'] }) {
  const t = useT()
  const format = useFormat()
  return (
    <Section title={t('imbalance.history')} flush>
      {rows.length > 1 && (
        <Box px="md">
          <Chart
            title={t('imbalance.history')} corner={t('common.period')} height={200} labels={rows.toReversed().map((row) => format.shortMonth(row.period))} full={rows.toReversed().map((row) => format.period(row.period))}
            series={[
              { name: t('imbalance.gap'), values: rows.toReversed().map((row) => row.gap), format: format.volume },
              { name: t('imbalance.distributed'), values: rows.toReversed().map((row) => row.distributed), format: format.volume },
            ]}
          />
        </Box>
      )}
      <DataTable
        caption={t('imbalance.history')} rows={rows} rowKey={(row) => row.period} empty={<Text p="md" size="sm" c="dimmed">{t('imbalance.noHistory')}</Text>}
        columns={[
          { key: 'period', head: t('common.period'), cell: (row) => format.period(row.period) },
          { key: 'measured', head: t('imbalance.measured'), numeric: true, cell: (row) => row.measured == null ? '—' : format.volume(row.measured) },
          { key: 'gap', head: t('imbalance.gap'), numeric: true, cell: (row) => format.volume(row.gap) },
          { key: 'in', head: t('imbalance.carriedIn'), numeric: true, cell: (row) => format.volume(row.carriedIn) },
          { key: 'distributed', head: t('imbalance.distributed'), numeric: true, cell: (row) => format.volume(row.distributed) },
          { key: 'out', head: t('imbalance.carriedOut'), numeric: true, cell: (row) => format.volume(row.carriedOut) },
          { key: 'state', head: t('common.state'), cell: (row) => <Chip tone={tone[row.state]}>{t(`enum.HouseState.${row.state}`)}</Chip> },
        ]}
      />
    </Section>
  )
}
