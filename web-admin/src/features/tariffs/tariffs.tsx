import { useState, type ReactNode } from 'react'
import { Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from 'urql'
import { Answer, Chip, DataTable, Empty, PageHead, Problem, Section, Waiting, useFormat, usePages, type Column } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { BandActs, ConfirmSetting, NewNorm, NewPrice, NewSetting, NewVat, type Setting } from './acts'

const query = graphql(`
  query Tariffs($on: Date) {
    prices(on: $on) { id service consumerGroup net from to source demo document { id number } }
    norms(on: $on) { id amenity service volume from to source demo }
    vatRates { id rate from to source demo document { id number } }
    bandSets { id mode from to source demo suspended document { id number } bands { upto coefficient } }
  }
`)
const settingsQuery = graphql(`
  query Settings($after: String) {
    settings(first: 100, after: $after) {
      nodes { id code value from to source proposedBy confirmedBy confirmedAt demo document { id number } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

/** What every version has: its dates and where it comes from. */
interface Version {
  id: string
  from: string
  to?: string | null
  source: string
  demo?: boolean
  document?: { number: string } | null
}

/** A register of versions: its own columns first, then since when and on whose word. */
function Versions<Row extends Version>({ title, rows, columns, after = [], side, more }: {
  title: string
  rows: readonly Row[]
  columns: Column<Row>[]
  after?: Column<Row>[]
  side?: ReactNode
  more?: Parameters<typeof DataTable<Row>>[0]['more']
}) {
  const t = useT()
  const format = useFormat()
  return (
    <Section flush title={title} side={side}>
      <DataTable
        caption={title} rows={rows} rowKey={(row) => row.id} empty={<Empty title={t('tariffs.none')} />} more={more}
        columns={[
          ...columns,
          {
            key: 'span', head: t('tariffs.valid'),
            cell: (row) => (
              <span className="tab" style={{ whiteSpace: 'nowrap' }}>
                {row.to ? t('common.fromTo', { from: format.shortDate(row.from), to: format.shortDate(row.to) }) : t('common.from', { from: format.shortDate(row.from) })}
              </span>
            ),
          },
          {
            key: 'source', head: t('tariffs.source'),
            cell: (row) => (
              <div>
                {row.source}{row.demo && <> <Chip tone="warn">{t('tariffs.demo')}</Chip></>}
                {row.document && <Text size="xs" c="dimmed">{t('archive.numbered', { number: row.document.number })}</Text>}
              </div>
            ),
          },
          ...after,
        ]}
      />
    </Section>
  )
}

export function Tariffs() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const today = useToday()
  const [on, setOn] = useState('')
  const [result, refetch] = useQuery({ query, variables: { on: on || today } })
  const again = () => refetch({ requestPolicy: 'network-only' })
  const write = can('TARIFF_WRITE')
  return (
    <>
      <PageHead title={t('nav.tariffs')} lead={t('tariffs.lead')}>
        <TextInput type="date" label={t('tariffs.on')} value={on || today} onChange={(event) => setOn(event.currentTarget.value)} />
      </PageHead>
      <Answer result={result} retry={again} lines={8}>
        {(data) => (
          <Stack>
            <Versions
              title={t('tariffs.prices')} rows={data.prices} side={write && <NewPrice prices={data.prices} done={again} />}
              columns={[
                { key: 'service', head: t('billing.service'), cell: (row) => t(`enum.Service.${row.service}`) },
                { key: 'group', head: t('tariffs.group'), cell: (row) => t(`enum.ConsumerGroup.${row.consumerGroup}`) },
                { key: 'net', head: t('tariffs.net'), numeric: true, cell: (row) => <b>{format.price(row.net)}</b> },
              ]}
            />
            <Versions
              title={t('tariffs.norms')} rows={data.norms} side={write && <NewNorm norms={data.norms} done={again} />}
              columns={[
                { key: 'amenity', head: t('subscribers.amenity'), cell: (row) => t(`enum.Amenity.${row.amenity}`) },
                { key: 'service', head: t('billing.service'), cell: (row) => t(`enum.Service.${row.service}`) },
                { key: 'volume', head: t('tariffs.perPerson'), numeric: true, cell: (row) => <b>{format.volume(row.volume)}</b> },
              ]}
            />
            <Versions
              title={t('tariffs.vat')} rows={data.vatRates} side={write && <NewVat done={again} />}
              columns={[{ key: 'rate', head: t('tariffs.rate'), numeric: true, width: 100, cell: (row) => <b>{format.percent(row.rate)}</b> }]}
            />
            <Versions
              title={t('tariffs.bands')} rows={data.bandSets} side={write && <BandActs done={again} />}
              columns={[
                { key: 'mode', head: t('tariffs.mode'), cell: (row) => t(`enum.BandMode.${row.mode}`) },
                {
                  key: 'bands', head: t('tariffs.bandList'),
                  cell: (row) => row.suspended ? <Chip tone="plain">{t('tariffs.isSuspended')}</Chip> : row.bands.map((band, index) => (
                    <Text key={index} size="sm" className="tab">
                      {band.upto ? t('tariffs.upto', { volume: format.volume(band.upto) }) : t('tariffs.above')} × {format.decimal(band.coefficient)}
                    </Text>
                  )),
                },
              ]}
            />
            <Settings />
          </Stack>
        )}
      </Answer>
    </>
  )
}

function Settings() {
  const t = useT()
  const codes = useCodes()
  const can = useCan()
  const today = useToday()
  const pages = usePages(settingsQuery, {}, (data) => data.settings)
  if (pages.error) return <Problem error={pages.error} retry={pages.refresh} />
  if (!pages.ready) return <Waiting />
  const inForce = (code: string) =>
    pages.rows.find((one) => one.code === code && (one.confirmedBy || one.demo) && one.from <= today && (!one.to || one.to >= today))
  const state = (row: Setting) =>
    row.confirmedBy ? <Chip tone="good">{t('tariffs.confirmedBy', { who: row.confirmedBy })}</Chip>
    : row.demo ? <Chip tone="warn">{t('tariffs.demo')}</Chip>
    : <Chip tone="bad">{t('tariffs.unconfirmed')}</Chip>
  return (
    <Versions
      title={t('tariffs.settings')} rows={pages.rows.map((row) => ({ ...row, demo: false, isDemo: row.demo }))} more={pages.more}
      side={can('TARIFF_WRITE') && <NewSetting settings={pages.rows} done={pages.refresh} />}
      columns={[
        { key: 'code', head: t('tariffs.code'), cell: (row) => <div>{codes.setting(row.code)}<Text size="xs" c="dimmed" ff="monospace">{row.code}</Text></div> },
        { key: 'value', head: t('tariffs.value'), cell: (row) => <b className="tab">{codes.settingValue(row.value)}</b> },
      ]}
      after={[{
        key: 'confirmed', head: t('tariffs.confirmed'),
        cell: (row) => (
          <Stack gap={4} align="flex-start">
            {state({ ...row, demo: row.isDemo })}
            {!row.confirmedBy && !row.isDemo && can('SETTING_CONFIRM') && <ConfirmSetting setting={row} before={inForce(row.code)} done={pages.refresh} />}
          </Stack>
        ),
      }]}
    />
  )
}
