// What a scenario comes to, in pictures and tables: revenue before and after, who gains and who loses.
import { SimpleGrid, Text } from '@mantine/core'
import { Chart, DataTable, Empty, Figures, Section, sign, unsigned, useFormat, type Format } from '@aiscra/ui'
import { graphql, type ScenarioPageQuery } from '../../gql'
import { useT } from '../../lib/i18n'

export const partsFragment = graphql(`
  fragment PartSums on ScenarioPart {
    code accounts difference gainers gain losers loss
    before { billed volume net vat gross } after { billed volume net vat gross }
  }
`)

export type Scenario = NonNullable<ScenarioPageQuery['scenario']>
export type Total = NonNullable<Scenario['total']>
type Part = Total & { district?: { name: { kk: string; ru: string; en: string } } | null }

export const signed = (format: Format, value: string): string =>
  sign(value) === 0 ? format.money(value) : `${sign(value) > 0 ? '+' : '\u2212'}${format.money(unsigned(value))}`

export function Signed({ value }: { value: string }) {
  const format = useFormat()
  return <b className="tab">{signed(format, value)}</b>
}

/** "+12,4 %" of what it was; nothing where it was nothing. */
export function share(format: Format, before: string, after: string): string | undefined {
  if (sign(before) === 0) return undefined
  const part = Number(after) / Number(before) - 1
  return `${part >= 0 ? '+' : '\u2212'}${format.percent(Math.abs(part).toFixed(4))}`
}

const negative = (value: string) => (sign(value) === 0 ? value : `-${value}`)

/** The first look: what the city pays, who gains and who loses, where. */
export function Picture({ scenario }: { scenario: Scenario }) {
  const t = useT()
  const format = useFormat()
  const total = scenario.total
  if (!total) return null
  const name = (part: Part) => part.district?.name[format.language] ?? part.code
  const size = (part: Scenario['differences'][number]) => {
    if (part.above == null) return t('scenario.same')
    const [low, high] = [format.count(Number(part.above)), part.upto == null ? null : format.count(Number(part.upto))]
    const words = high === null ? t('scenario.over', { low }) : t('scenario.between', { low, high })
    return part.code.startsWith('-') ? `\u2212 ${words}` : `+ ${words}`
  }
  const sides = (parts: readonly { before: { gross: string }; after: { gross: string } }[]) => [
    { name: t('scenario.before'), values: parts.map((one) => one.before.gross) },
    { name: t('scenario.after'), values: parts.map((one) => one.after.gross) },
  ]
  const services = scenario.services.filter((one) => one.service)
  return (
    <>
      <Figures
        large
        rows={[
          { label: t('scenario.before'), value: format.money(total.before.gross), note: t('scenario.netVat', { net: format.money(total.before.net), vat: format.money(total.before.vat) }) },
          { label: t('scenario.after'), value: format.money(total.after.gross), note: t('scenario.netVat', { net: format.money(total.after.net), vat: format.money(total.after.vat) }) },
          { label: t('scenario.difference'), value: <Signed value={total.difference} />, note: share(format, total.before.gross, total.after.gross) },
          { label: t('scenario.losers'), value: format.count(total.losers), note: t('scenario.by', { sum: format.money(total.loss) }) },
          { label: t('scenario.gainers'), value: format.count(total.gainers), note: t('scenario.by', { sum: format.money(total.gain) }) },
        ]}
      />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl" mt="lg">
        <div>
          <Text component="h3" fw={600} fz="sm" m={0} mb={6}>{t('scenario.revenue')}</Text>
          <Chart title={t('scenario.revenue')} corner={t('billing.service')} height={260} labels={services.map((one) => t(`enum.Service.${one.service!}`))} full={services.map((one) => t(`enum.Service.${one.service!}`))} series={sides(services)} />
        </div>
        <div>
          <Text component="h3" fw={600} fz="sm" m={0} mb={6}>{t('scenario.histogram')}</Text>
          <Chart
            title={t('scenario.histogram')} corner={t('scenario.size')} height={260} labels={scenario.differences.map(size)} full={scenario.differences.map(size)}
            series={[{ name: t('scenario.accounts'), values: scenario.differences.map((one) => String(one.accounts)), format: (value) => format.count(Number(value)) }]}
          />
        </div>
      </SimpleGrid>
      <div style={{ marginTop: 'var(--mantine-spacing-lg)' }}>
        <Text component="h3" fw={600} fz="sm" m={0} mb={6}>{t('scenario.districts')}</Text>
        <Chart
          title={t('scenario.districts')} corner={t('subscribers.district')} sideways height={60 + 40 * scenario.districts.length} labels={scenario.districts.map(name)} full={scenario.districts.map(name)}
          series={[
            { name: t('scenario.loss'), values: scenario.districts.map((one) => one.loss) },
            { name: t('scenario.gain'), values: scenario.districts.map((one) => negative(one.gain)) },
          ]}
        />
      </div>
    </>
  )
}

/** Parts of the city in a table. */
function Parts<One extends Part>({ title, rows, name }: { title: string; rows: readonly One[]; name: (row: One) => string }) {
  const t = useT()
  const format = useFormat()
  const counted = (accounts: number, sum: string) => <div>{format.count(accounts)}<Text size="xs" c="dimmed">{format.money(sum)}</Text></div>
  return (
    <Section flush title={title}>
      <DataTable
        caption={title} rows={rows} rowKey={(row) => row.code} empty={<Empty title={t('scenario.noParts')} />}
        columns={[
          { key: 'name', head: title, cell: (row) => <div>{name(row)}<Text size="xs" c="dimmed">{t('preview.accounts', { count: row.accounts })}</Text></div> },
          { key: 'volume', head: t('billing.volume'), numeric: true, cell: (row) => <div>{format.volume(row.after.volume)}{row.before.volume !== row.after.volume && <Text size="xs" c="dimmed">{t('preview.was', { sum: format.volume(row.before.volume) })}</Text>}</div> },
          { key: 'before', head: t('scenario.before'), numeric: true, cell: (row) => format.money(row.before.gross) },
          { key: 'after', head: t('scenario.after'), numeric: true, cell: (row) => format.money(row.after.gross) },
          { key: 'difference', head: t('scenario.difference'), numeric: true, cell: (row) => <div><Signed value={row.difference} /><Text size="xs" c="dimmed">{share(format, row.before.gross, row.after.gross)}</Text></div> },
          { key: 'losers', head: t('scenario.losers'), numeric: true, cell: (row) => counted(row.losers, row.loss) },
          { key: 'gainers', head: t('scenario.gainers'), numeric: true, cell: (row) => counted(row.gainers, row.gain) },
        ]}
      />
    </Section>
  )
}

export function Tables({ scenario }: { scenario: Scenario }) {
  const t = useT()
  const format = useFormat()
  const people = (row: Scenario['households'][number]) => t('scenario.people', { count: `${row.people ?? 0}${row.people === 6 ? '+' : ''}` })
  return (
    <>
      <Parts title={t('scenario.byService')} rows={scenario.services} name={(row) => (row.service ? t(`enum.Service.${row.service}`) : '—')} />
      <Parts title={t('scenario.bySector')} rows={scenario.bySector} name={(row) => (row.sector ? t(`enum.Sector.${row.sector}`) : '—')} />
      <Parts title={t('scenario.byDistrict')} rows={scenario.districts} name={(row) => row.district?.name[format.language] ?? '—'} />
      <Parts title={t('scenario.byHousehold')} rows={scenario.households} name={people} />
      <Parts title={t('scenario.byBasis')} rows={scenario.bases} name={(row) => (row.basis ? t(`enum.Basis.${row.basis}`) : '—')} />
    </>
  )
}
