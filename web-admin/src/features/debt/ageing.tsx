// What is owed, by age: the picture first, the accounts behind it below.
import { Button, Group, NativeSelect, Paper, Stack, Text, TextInput } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Chart, DataTable, Empty, PagedTable, Section, sign, useFormat, useLanguage, usePages } from '@aiscra/ui'
import { graphql, type AgeBucket, type DebtAgesQuery, type Sector } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { addUp } from '../../lib/sums'
import { useExport } from '../platform/made'
import { AccountCell, DebtHead, sectors } from './parts'

const agesQuery = graphql(`
  query DebtAges($on: Date) { debtAges(on: $on) { sector bucket accounts owed principal penalty disputed claimed district { id name { kk ru en } } } }
`)
const debtorsQuery = graphql(`
  query Debtors($sector: Sector, $bucket: AgeBucket, $district: ID, $after: String) {
    debtors(sector: $sector, bucket: $bucket, district: $district, first: 50, after: $after) {
      nodes { owed penalty disputed claimed oldest account { id number address sector holder { id name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

const buckets: AgeBucket[] = ['NOT_DUE', 'DAYS_30', 'DAYS_60', 'DAYS_90', 'DAYS_180', 'DAYS_365', 'YEARS_3', 'OLDER']
type Age = DebtAgesQuery['debtAges'][number]
const route = getRouteApi('/debt')

const sum = (rows: readonly Age[], of: (row: Age) => string): string => addUp(rows.map(of))

export function Ageing() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const { language } = useLanguage()
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: Partial<typeof filters>) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const today = useToday()
  const { sector, bucket, district, on } = filters
  // A day that lies ahead is shown as today.
  const past = on && on < today ? on : null
  const [result, refetch] = useQuery({ query: agesQuery, variables: { on: past } })
  const wanted = { sector: sector ?? null, bucket: bucket ?? null, district: district ?? null }
  const pages = usePages(debtorsQuery, wanted, (data) => data.debtors)
  const exporting = useExport({ debtors: wanted })
  // Columns that are empty for most rows say so at a glance.
  const money = (value: string) => (sign(value) === 0 ? '—' : format.money(value))
  return (
    <>
      <DebtHead title={t('debt.ageing')} lead={t('debt.ageingLead')} />
      <Stack>
        <Answer result={result} retry={() => refetch({ requestPolicy: 'network-only' })} lines={8}>
          {({ debtAges }) => {
            const shown = debtAges.filter((row) => (!sector || row.sector === sector) && (!district || row.district.id === district))
            const names = buckets.map((one) => t(`enum.AgeBucket.${one}`))
            const of = (one: AgeBucket, only?: Sector) => shown.filter((row) => row.bucket === one && (!only || row.sector === only))
            const districts = [...new Map(debtAges.map((row) => [row.district.id, row.district.name[language]]))].toSorted((a, b) => a[1].localeCompare(b[1], language))
            return (
              <>
                <Paper withBorder p="md">
                  <Group gap="sm" align="flex-end">
                    <NativeSelect
                      label={t('common.sector')} value={sector ?? ''} onChange={(event) => set({ sector: (event.currentTarget.value || undefined) as Sector | undefined })}
                      data={[{ value: '', label: t('common.all') }, ...sectors.map((value) => ({ value, label: t(`enum.Sector.${value}`) }))]}
                    />
                    <NativeSelect
                      label={t('subscribers.district')} value={district ?? ''} onChange={(event) => set({ district: event.currentTarget.value || undefined })}
                      data={[{ value: '', label: t('common.all') }, ...districts.map(([value, label]) => ({ value, label }))]}
                    />
                    <NativeSelect
                      label={t('debt.age')} value={bucket ?? ''} onChange={(event) => set({ bucket: (event.currentTarget.value || undefined) as AgeBucket | undefined })}
                      data={[{ value: '', label: t('common.all') }, ...buckets.map((value) => ({ value, label: t(`enum.AgeBucket.${value}`) }))]}
                    />
                    <TextInput type="date" label={t('debt.onDay')} max={today} value={on ?? today} onChange={(event) => set({ on: event.currentTarget.value && event.currentTarget.value < today ? event.currentTarget.value : undefined })} />
                    {past && <Button variant="light" onClick={() => set({ on: undefined })}>{t('debt.toToday')}</Button>}
                  </Group>
                  {past && <Text size="sm" c="dimmed" mt="sm">{t('debt.asOf', { date: format.date(past) })}</Text>}
                </Paper>
                {shown.length === 0 ? <Empty title={t('debt.noDebt')}>{t(sector || district ? 'debt.noDebtHere' : 'debt.noDebtText')}</Empty> : (
                  <>
                    <Paper withBorder p="md">
                      <Chart
                        title={t('debt.ageing')} corner={t('debt.age')} height={280} stacked labels={names} full={names}
                        series={(sector ? [sector] : sectors).map((one) => ({ name: t(`enum.Sector.${one}`), values: buckets.map((age) => sum(of(age, one), (row) => row.owed)) }))}
                        total={{ name: t('debt.owed'), values: buckets.map((age) => sum(of(age), (row) => row.owed)) }}
                        onPick={(row) => set({ bucket: buckets[row] })}
                      />
                    </Paper>
                    <Section title={t('debt.byAge')} flush>
                      <DataTable
                        caption={t('debt.byAge')} rows={buckets.filter((one) => of(one).length > 0)} rowKey={(one) => one} empty={null}
                        columns={[
                          { key: 'age', head: t('debt.age'), cell: (one) => <Link className="row-link" to="/debt" search={{ ...filters, bucket: one }}>{t(`enum.AgeBucket.${one}`)}</Link> },
                          { key: 'owed', head: t('debt.owed'), numeric: true, cell: (one) => <b>{format.money(sum(of(one), (row) => row.owed))}</b>, total: format.money(sum(shown, (row) => row.owed)) },
                          { key: 'principal', head: t('debt.principal'), numeric: true, cell: (one) => money(sum(of(one), (row) => row.principal)), total: format.money(sum(shown, (row) => row.principal)) },
                          { key: 'penalty', head: t('debt.penalty'), numeric: true, cell: (one) => money(sum(of(one), (row) => row.penalty)), total: format.money(sum(shown, (row) => row.penalty)) },
                          { key: 'disputed', head: t('debt.disputed'), numeric: true, cell: (one) => money(sum(of(one), (row) => row.disputed)), total: format.money(sum(shown, (row) => row.disputed)) },
                          { key: 'claimed', head: t('debt.claimed'), numeric: true, cell: (one) => money(sum(of(one), (row) => row.claimed)), total: format.money(sum(shown, (row) => row.claimed)) },
                        ]}
                      />
                    </Section>
                  </>
                )}
              </>
            )
          }}
        </Answer>
        <Section title={past ? t('debt.debtorsToday') : t('debt.debtors')} flush>
          <PagedTable
            caption={t('debt.debtors')} pages={pages} rowKey={(row) => row.account.id} exporting={can('JOB_READ') ? exporting : undefined} remember="debtors"
            empty={<Empty title={t('debt.noDebt')}>{t(sector || district || bucket ? 'debt.noDebtHere' : 'debt.noDebtText')}</Empty>}
            columns={[
              { key: 'account', head: t('debt.debtor'), fixed: true, cell: (row) => <AccountCell account={{ number: row.account.number, holder: row.account.holder ?? null }} /> },
              { key: 'address', head: t('debt.address'), cell: (row) => row.account.address },
              { key: 'sector', head: t('common.sector'), cell: (row) => t(`enum.Sector.${row.account.sector}`) },
              { key: 'oldest', head: t('debt.oldest'), cell: (row) => <span className="tab">{format.shortDate(row.oldest)}</span> },
              { key: 'penalty', head: t('debt.penalty'), numeric: true, cell: (row) => money(row.penalty) },
              { key: 'disputed', head: t('debt.disputed'), numeric: true, cell: (row) => money(row.disputed) },
              { key: 'claimed', head: t('debt.claimed'), numeric: true, cell: (row) => money(row.claimed) },
              { key: 'owed', head: t('debt.owed'), numeric: true, fixed: true, cell: (row) => <b>{format.money(row.owed)}</b> },
            ]}
          />
        </Section>
      </Stack>
    </>
  )
}
