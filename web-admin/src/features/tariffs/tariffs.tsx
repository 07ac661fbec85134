import { useState, type ReactNode } from 'react'
import { Button, Stack, Text, TextInput } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Chip, DataTable, Empty, PageHead, Problem, Section, Waiting, useFormat, usePages, type Column, type Tone } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { Who } from '../../lib/who'
import { BandActs, DecideSetting, DecideTariff, NewNorm, NewPrice, NewSetting, NewVat, type Setting } from './acts'
import { Days, People, useVersion, type Proposal, type Version } from './version'

const query = graphql(`
  query Tariffs($on: Date) {
    prices(on: $on) { id service consumerGroup net from to source demo proposedBy confirmedBy document { id number } }
    norms(on: $on) { id amenity service volume from to source demo proposedBy confirmedBy document { id number } }
    vatRates { id rate from to source demo proposedBy confirmedBy document { id number } }
    bandSets { id mode from to source demo suspended proposedBy confirmedBy document { id number } bands { upto coefficient } }
  }
`)
const proposalsQuery = graphql(`
  query TariffProposals($state: ProposalState, $after: String) {
    tariffProposals(state: $state, first: 50, after: $after) {
      nodes { id state proposedBy proposedAt decidedBy decidedAt reason closedBefore version { ...AnyVersion } replaces { ...AnyVersion } }
      pageInfo { hasNextPage endCursor }
    }
  }
  fragment AnyVersion on TariffVersion {
    kind: __typename
    ... on Price { id service consumerGroup net from to source demo proposedBy confirmedBy document { id number } }
    ... on Norm { id amenity service volume from to source demo proposedBy confirmedBy document { id number } }
    ... on VatRate { id rate from to source demo proposedBy confirmedBy document { id number } }
    ... on BandSet { id mode from to source demo suspended proposedBy confirmedBy document { id number } bands { upto coefficient } }
  }
`)
const settingsQuery = graphql(`
  query Settings($after: String) {
    settings(first: 100, after: $after) {
      nodes { id code name value valueName from to source proposedBy confirmedBy confirmedAt declinedBy declineReason demo document { id number } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

/** What every version has: its dates and where it comes from. */
interface Row {
  id: string
  from: string
  to?: string | null
  source: string
  demo: boolean
  proposedBy: string
  confirmedBy?: string | null
  declinedBy?: string | null
  declineReason?: string | null
  document?: { number: string } | null
  /** A proposal among the versions: it decides nothing yet. */
  waits?: boolean
}

/** A register of versions: its own columns first, then since when, on whose word and by whose hands. */
function Versions<One extends Row>({ title, rows, columns, act, side, more }: {
  title: string
  rows: readonly One[]
  columns: Column<One>[]
  act?: (row: One) => ReactNode
  side?: ReactNode
  more?: Parameters<typeof DataTable<One>>[0]['more']
}) {
  const t = useT()
  return (
    <Section flush title={title} side={side}>
      <DataTable
        caption={title} rows={rows} rowKey={(row) => row.id} empty={<Empty title={t('tariffs.none')} />} more={more}
        columns={[
          ...columns,
          { key: 'span', head: t('tariffs.valid'), cell: (row) => <Days of={row} /> },
          { key: 'source', head: t('tariffs.source'), cell: (row) => <Source of={row} /> },
          {
            key: 'confirmed', head: t('tariffs.confirmed'),
            cell: (row) => (
              <Stack gap={4} align="flex-start">
                <People by={row.proposedBy} confirmed={row.confirmedBy} declined={row.declinedBy} demo={row.demo} waits={row.waits} />
                {row.declineReason && <Text size="xs">{row.declineReason}</Text>}
                {act?.(row)}
              </Stack>
            ),
          },
        ]}
      />
    </Section>
  )
}

function Source({ of }: { of: { source: string; demo: boolean; document?: { number: string } | null } }) {
  const t = useT()
  return (
    <div>
      {of.source}{of.demo && <> <Chip tone="warn">{t('tariffs.demo')}</Chip></>}
      {of.document && <Text size="xs" c="dimmed">{t('archive.numbered', { number: of.document.number })}</Text>}
    </div>
  )
}

/** Proposals in a table: what becomes of what, on whose word; decided by a second person. */
function Proposals({ title, rows, more, last, side }: {
  title: string
  rows: readonly Proposal[]
  more: Parameters<typeof DataTable<Proposal>>[0]['more']
  last: { head: string; cell: (row: Proposal) => ReactNode }
  side?: ReactNode
}) {
  const t = useT()
  const format = useFormat()
  const words = useVersion()
  return (
    <Section flush title={title} side={side}>
      <DataTable
        caption={title} rows={rows} rowKey={(row) => row.id} more={more} empty={<Empty title={t('tariffs.nothingWaits')} />}
        columns={[
          { key: 'what', head: t('tariffs.what'), width: 240, cell: (row) => <div>{words.name(row.version)}<Text size="sm"><b className="tab">{words.value(row.version)}</b></Text></div> },
          { key: 'span', head: t('tariffs.valid'), cell: (row) => <div><Days of={row.version} />{row.closedBefore && <Text size="xs">{t('tariffs.closedBefore', { date: format.shortDate(row.closedBefore) })}</Text>}</div> },
          {
            key: 'gives', head: t('tariffs.gives'),
            cell: (row) => row.replaces.length === 0 ? '—' : row.replaces.map((old) => (
              <Text key={old.id} size="sm" className="tab">{words.value(old)} <Text span size="xs" c="dimmed"><Days of={old} /></Text></Text>
            )),
          },
          { key: 'source', head: t('tariffs.source'), cell: (row) => <Source of={row.version} /> },
          { key: 'who', head: t('tariffs.proposedWho'), cell: (row) => <div><Who by={row.proposedBy} /><Text size="xs" c="dimmed">{format.dateTime(row.proposedAt)}</Text></div> },
          { key: 'last', ...last },
        ]}
      />
    </Section>
  )
}

const stateTone: Record<Proposal['state'], Tone> = { PROPOSED: 'warn', CONFIRMED: 'good', DECLINED: 'bad', WITHDRAWN: 'plain' }

/** Everything that was ever proposed, with what became of it. */
function History() {
  const t = useT()
  const pages = usePages(proposalsQuery, { state: null }, (data) => data.tariffProposals)
  if (pages.error) return <Problem error={pages.error} retry={pages.refresh} />
  if (!pages.ready) return <Waiting />
  return (
    <Proposals
      title={t('tariffs.history')} rows={pages.rows} more={pages.more}
      last={{
        head: t('common.state'),
        cell: (row) => (
          <div>
            <Chip tone={stateTone[row.state]}>{t(`enum.ProposalState.${row.state}`)}</Chip>
            <Text size="xs" c="dimmed"><Who by={row.decidedBy} /></Text>
            {row.reason && <Text size="xs">{row.reason}</Text>}
          </div>
        ),
      }}
    />
  )
}

export function Tariffs() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const today = useToday()
  const [on, setOn] = useState('')
  const [result, refetch] = useQuery({ query, variables: { on: on || today } })
  const waiting = usePages(proposalsQuery, { state: 'PROPOSED' as const }, (data) => data.tariffProposals)
  const [history, setHistory] = useState(false)
  const again = () => {
    refetch({ requestPolicy: 'network-only' })
    waiting.refresh()
  }
  const write = can('TARIFF_WRITE')
  /** What waits beside what is in force, first. */
  const proposed = <Name extends Version['kind']>(name: Name) =>
    waiting.rows.flatMap(({ version }) => (version.kind === name ? [{ ...(version as Extract<Version, { kind: Name }>), waits: true }] : []))
  return (
    <>
      <PageHead title={t('nav.tariffs')} lead={t('tariffs.lead')}>
        <Button component={Link} to="/tariffs/services" variant="default" size="sm">{t('oneOff.priceList')}</Button>
        <TextInput type="date" label={t('tariffs.on')} value={on || today} onChange={(event) => setOn(event.currentTarget.value)} />
      </PageHead>
      <Answer result={result} retry={again} lines={8}>
        {(data) => (
          <Stack>
            {waiting.error && <Problem error={waiting.error} retry={waiting.refresh} />}
            {history ? <History /> : waiting.ready && (
              <Proposals
                title={t('tariffs.waiting')} rows={waiting.rows} more={waiting.more}
                side={<Button size="xs" variant="subtle" onClick={() => setHistory(true)}>{t('tariffs.history')}</Button>}
                last={{ head: t('tariffs.decision'), cell: (row) => <DecideTariff proposal={row} done={again} /> }}
              />
            )}
            <Versions
              title={t('tariffs.prices')} rows={[...proposed('Price'), ...data.prices]} side={write && <NewPrice prices={data.prices} done={again} />}
              columns={[
                { key: 'service', head: t('billing.service'), cell: (row) => t(`enum.Service.${row.service}`) },
                { key: 'group', head: t('tariffs.group'), cell: (row) => t(`enum.ConsumerGroup.${row.consumerGroup}`) },
                { key: 'net', head: t('tariffs.net'), numeric: true, cell: (row) => <b>{format.price(row.net)}</b> },
              ]}
            />
            <Versions
              title={t('tariffs.norms')} rows={[...proposed('Norm'), ...data.norms]} side={write && <NewNorm norms={data.norms} done={again} />}
              columns={[
                { key: 'amenity', head: t('subscribers.amenity'), cell: (row) => t(`enum.Amenity.${row.amenity}`) },
                { key: 'service', head: t('billing.service'), cell: (row) => t(`enum.Service.${row.service}`) },
                { key: 'volume', head: t('tariffs.perPerson'), numeric: true, cell: (row) => <b>{format.volume(row.volume)}</b> },
              ]}
            />
            <Versions
              title={t('tariffs.vat')} rows={[...proposed('VatRate'), ...data.vatRates]} side={write && <NewVat done={again} />}
              columns={[{ key: 'rate', head: t('tariffs.rate'), numeric: true, width: 100, cell: (row) => <b>{format.percent(row.rate)}</b> }]}
            />
            <Versions
              title={t('tariffs.bands')} rows={[...proposed('BandSet'), ...data.bandSets]} side={write && <BandActs done={again} />}
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

const waits = (row: Setting) => !row.confirmedBy && !row.demo && !row.declinedBy

function Settings() {
  const t = useT()
  const can = useCan()
  const today = useToday()
  const pages = usePages(settingsQuery, {}, (data) => data.settings)
  if (pages.error) return <Problem error={pages.error} retry={pages.refresh} />
  if (!pages.ready) return <Waiting />
  const inForce = (code: string) =>
    pages.rows.find((one) => one.code === code && (one.confirmedBy || one.demo) && !one.declinedBy && one.from <= today && (!one.to || one.to >= today))
  return (
    <Versions
      title={t('tariffs.settings')} rows={pages.rows.map((row) => ({ ...row, waits: waits(row) }))} more={pages.more}
      side={can('TARIFF_WRITE') && <NewSetting settings={pages.rows} done={pages.refresh} />}
      columns={[
        { key: 'code', head: t('tariffs.code'), cell: (row) => <div>{row.name}<Text size="xs" c="dimmed" ff="monospace">{row.code}</Text></div> },
        { key: 'value', head: t('tariffs.value'), cell: (row) => <b className="tab" style={{ display: 'block', minWidth: 160, maxWidth: 280, overflowWrap: 'anywhere' }}>{row.valueName}</b> },
      ]}
      act={(row) => row.waits && <DecideSetting setting={row} before={inForce(row.code)} done={pages.refresh} />}
    />
  )
}
