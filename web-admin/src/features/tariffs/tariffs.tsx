import { useState } from 'react'
import { Paper, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from 'urql'
import { Answer, Chip, DataTable, Empty, PageHead, Problem, Waiting, useFormat, usePages } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query Tariffs($on: Date) {
    prices(on: $on) { id service consumerGroup net from to source demo }
    norms(on: $on) { id amenity service volume from to source demo }
    vatRates { id rate from to source }
    bandSets { id mode from to source bands { upto coefficient } }
  }
`)
const settingsQuery = graphql(`
  query Settings($after: String) {
    settings(first: 100, after: $after) {
      nodes { id code value from to source proposedBy confirmedBy demo }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

export function Tariffs() {
  const t = useT()
  const format = useFormat()
  const today = useToday()
  const [on, setOn] = useState('')
  const [result, refetch] = useQuery({ query, variables: { on: on || today } })
  const span = (row: { from: string; to?: string | null }) =>
    row.to ? t('common.fromTo', { from: format.shortDate(row.from), to: format.shortDate(row.to) }) : t('common.from', { from: format.shortDate(row.from) })
  const source = (row: { source: string; demo?: boolean }) => (
    <div>{row.source}{row.demo && <> <Chip tone="warn">{t('tariffs.demo')}</Chip></>}</div>
  )
  return (
    <>
      <PageHead title={t('nav.tariffs')} lead={t('tariffs.lead')}>
        <TextInput type="date" label={t('tariffs.on')} value={on || today} onChange={(event) => setOn(event.currentTarget.value)} />
      </PageHead>
      <Answer result={result} retry={() => refetch({ requestPolicy: 'network-only' })} lines={8}>
        {(data) => (
          <Stack>
            <Section title={t('tariffs.prices')}>
              <DataTable
                caption={t('tariffs.prices')} rows={data.prices} rowKey={(row) => row.id} empty={<Empty title={t('tariffs.none')} />}
                columns={[
                  { key: 'service', head: t('billing.service'), cell: (row) => t(`enum.Service.${row.service}`) },
                  { key: 'group', head: t('tariffs.group'), cell: (row) => t(`enum.ConsumerGroup.${row.consumerGroup}`) },
                  { key: 'net', head: t('tariffs.net'), numeric: true, cell: (row) => <b>{format.price(row.net)}</b> },
                  { key: 'span', head: t('tariffs.valid'), cell: span },
                  { key: 'source', head: t('tariffs.source'), cell: source },
                ]}
              />
            </Section>
            <Section title={t('tariffs.norms')}>
              <DataTable
                caption={t('tariffs.norms')} rows={data.norms} rowKey={(row) => row.id} empty={<Empty title={t('tariffs.none')} />}
                columns={[
                  { key: 'amenity', head: t('subscribers.amenity'), cell: (row) => t(`enum.Amenity.${row.amenity}`) },
                  { key: 'service', head: t('billing.service'), cell: (row) => t(`enum.Service.${row.service}`) },
                  { key: 'volume', head: t('tariffs.perPerson'), numeric: true, cell: (row) => <b>{format.volume(row.volume)}</b> },
                  { key: 'span', head: t('tariffs.valid'), cell: span },
                  { key: 'source', head: t('tariffs.source'), cell: source },
                ]}
              />
            </Section>
            <Section title={t('tariffs.vat')}>
              <DataTable
                caption={t('tariffs.vat')} rows={data.vatRates} rowKey={(row) => row.id} empty={<Empty title={t('tariffs.none')} />}
                columns={[
                  { key: 'rate', head: t('tariffs.rate'), numeric: true, width: 100, cell: (row) => <b>{format.percent(row.rate)}</b> },
                  { key: 'span', head: t('tariffs.valid'), cell: span },
                  { key: 'source', head: t('tariffs.source'), cell: source },
                ]}
              />
            </Section>
            <Section title={t('tariffs.bands')}>
              <DataTable
                caption={t('tariffs.bands')} rows={data.bandSets} rowKey={(row) => row.id} empty={<Empty title={t('tariffs.none')} />}
                columns={[
                  { key: 'mode', head: t('tariffs.mode'), cell: (row) => t(`enum.BandMode.${row.mode}`) },
                  {
                    key: 'bands', head: t('tariffs.bandList'),
                    cell: (row) => row.bands.map((band, index) => (
                      <Text key={index} size="sm" className="tab">
                        {band.upto ? t('tariffs.upto', { volume: format.volume(band.upto) }) : t('tariffs.above')} × {format.decimal(band.coefficient)}
                      </Text>
                    )),
                  },
                  { key: 'span', head: t('tariffs.valid'), cell: span },
                  { key: 'source', head: t('tariffs.source'), cell: source },
                ]}
              />
            </Section>
          </Stack>
        )}
      </Answer>
      <Settings />
    </>
  )
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Paper withBorder>
      <Text component="h2" fw={600} fz="md" p="md" pb={0}>{title}</Text>
      {children}
    </Paper>
  )
}

function Settings() {
  const t = useT()
  const format = useFormat()
  const pages = usePages(settingsQuery, {}, (data) => data.settings)
  if (pages.error) return <Problem error={pages.error} retry={pages.refresh} />
  if (!pages.ready) return <Waiting />
  return (
    <Stack mt="md">
      <Section title={t('tariffs.settings')}>
        <DataTable
          caption={t('tariffs.settings')} rows={pages.rows} rowKey={(row) => row.id} more={pages.more} empty={<Empty title={t('tariffs.none')} />}
          columns={[
            { key: 'code', head: t('tariffs.code'), cell: (row) => <Text size="sm" ff="monospace">{row.code}</Text> },
            { key: 'value', head: t('tariffs.value'), cell: (row) => <b className="tab">{row.value}</b> },
            { key: 'from', head: t('tariffs.valid'), cell: (row) => row.to ? t('common.fromTo', { from: format.shortDate(row.from), to: format.shortDate(row.to) }) : t('common.from', { from: format.shortDate(row.from) }) },
            { key: 'source', head: t('tariffs.source'), cell: (row) => row.source },
            {
              key: 'confirmed', head: t('tariffs.confirmed'),
              cell: (row) => row.confirmedBy
                ? <div><Chip tone="good">{t('tariffs.confirmedBy', { who: row.confirmedBy })}</Chip></div>
                : row.demo ? <Chip tone="warn">{t('tariffs.demo')}</Chip> : <Chip tone="bad">{t('tariffs.unconfirmed')}</Chip>,
            },
          ]}
        />
      </Section>
    </Stack>
  )
}
