// The desks as who answers for them sees them: shifts, sums, the cash book, receipts that wait, what is money.
import { Suspense, lazy, useCallback } from 'react'
import { Button, Group, NativeSelect, Stack, Tabs, Text, TextInput } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Chip, DialogButton, Empty, PageHead, PagedTable, Section, Waiting, useFormat, usePages } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useCan } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { desksQuery } from './graph'
import { RegisterChips, useName, type Desk } from './parts'
import './cash.css'

const Report = lazy(() => import('./report').then((module) => ({ default: module.Report })))
const Book = lazy(() => import('./book').then((module) => ({ default: module.Book })))
const Receipts = lazy(() => import('./receipts').then((module) => ({ default: module.Receipts })))
const Denominations = lazy(() => import('./denominations').then((module) => ({ default: module.Denominations })))
const DeskForm = lazy(() => import('./desk-form').then((module) => ({ default: module.DeskForm })))

const shiftsQuery = graphql(`
  query CashShifts($desk: ID, $from: Date, $to: Date, $after: String) {
    cashShifts(deskId: $desk, from: $from, to: $to, first: 30, after: $after) {
      nodes { id number cashier openedAt closedAt desk { id code name { kk ru en } } turnover { expected sales { count cash card } } counts { id witness difference } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

export type DesksTab = 'desks' | 'shifts' | 'report' | 'book' | 'receipts' | 'denominations'
const tabs: DesksTab[] = ['desks', 'shifts', 'report', 'book', 'receipts', 'denominations']
const route = getRouteApi('/desks')

export function DesksPage() {
  const t = useT()
  const { tab = 'desks' } = route.useSearch()
  const navigate = route.useNavigate()
  const [result, ask] = useQuery({ query: desksQuery, requestPolicy: 'cache-and-network' })
  const again = useCallback(() => ask({ requestPolicy: 'network-only' }), [ask])
  return (
    <>
      <PageHead title={t('nav.desks')} lead={t('cash.officeLead')} />
      <Tabs value={tab} onChange={(next) => void navigate({ search: (now) => ({ ...now, tab: next as DesksTab }), replace: true })} keepMounted={false}>
        <Tabs.List mb="md">{tabs.map((one) => <Tabs.Tab key={one} value={one}>{t(`cash.tab.${one}`)}</Tabs.Tab>)}</Tabs.List>
        <Answer result={result} retry={again}>
          {({ cashDesks }) => (
            <Suspense fallback={<Waiting />}>
              <Tabs.Panel value="desks"><Desks desks={cashDesks.nodes} again={again} /></Tabs.Panel>
              <Tabs.Panel value="shifts"><Shifts desks={cashDesks.nodes} /></Tabs.Panel>
              <Tabs.Panel value="report"><Report desks={cashDesks.nodes} /></Tabs.Panel>
              <Tabs.Panel value="book"><Book desks={cashDesks.nodes} /></Tabs.Panel>
              <Tabs.Panel value="receipts"><Receipts /></Tabs.Panel>
              <Tabs.Panel value="denominations"><Denominations /></Tabs.Panel>
            </Suspense>
          )}
        </Answer>
      </Tabs>
    </>
  )
}

function Desks({ desks, again }: { desks: readonly Desk[]; again: () => void }) {
  const t = useT()
  const { actor } = useCodes()
  const format = useFormat()
  const can = useCan()
  const name = useName()
  const set = can('CASHDESK_OVERSEE')
  return (
    <Stack>
      {set && <Group justify="flex-end"><DialogButton label={t('cash.newDesk')} variant="filled">{(close) => <Suspense fallback={<Waiting />}><DeskForm close={close} done={again} /></Suspense>}</DialogButton></Group>}
      {desks.length === 0 && <Empty title={t('cash.noDesks')}>{t('cash.noDesksText')}</Empty>}
      {desks.map((desk) => (
        <Section
          key={desk.id} title={`${desk.code} · ${name(desk.name)}`}
          side={<>
            {!desk.active && <Chip tone="plain">{t('cash.notActive')}</Chip>}
            <RegisterChips desk={desk} />
            {set && <DialogButton label={t('common.change')} buttonSize="compact-sm">{(close) => <Suspense fallback={<Waiting />}><DeskForm desk={desk} close={close} done={again} /></Suspense>}</DialogButton>}
          </>}
        >
          <Group justify="space-between">
            {desk.openShift ? (
              <Text>{t('cash.shiftOf', { number: desk.openShift.number, cashier: actor(desk.openShift.cashier) })} · {t('cash.sinceTime', { time: format.dateTime(desk.openShift.openedAt) })}</Text>
            ) : <Text c="dimmed">{t('cash.noOpenShift')}</Text>}
            {desk.openShift && <Link className="row-link" to="/desks/shifts/$id" params={{ id: desk.openShift.id }}>{t('cash.openIt')}</Link>}
          </Group>
        </Section>
      ))}
    </Stack>
  )
}

function Shifts({ desks }: { desks: readonly Desk[] }) {
  const t = useT()
  const { actor } = useCodes()
  const format = useFormat()
  const name = useName()
  const { desk, from, to } = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: { desk?: string | undefined; from?: string | undefined; to?: string | undefined }) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const pages = usePages(shiftsQuery, { desk: desk ?? null, from: from ?? null, to: to ?? null }, (data) => data.cashShifts)
  return (
    <Section title={t('cash.tab.shifts')} flush>
      <Group p="md" gap="sm" align="flex-end">
        <NativeSelect label={t('cash.desk')} value={desk ?? ''} onChange={(event) => set({ desk: event.currentTarget.value || undefined })} data={[{ value: '', label: t('common.all') }, ...desks.map((one) => ({ value: one.id, label: `${one.code} · ${name(one.name)}` }))]} />
        <TextInput type="date" label={t('cash.from')} value={from ?? ''} onChange={(event) => set({ from: event.currentTarget.value || undefined })} />
        <TextInput type="date" label={t('cash.to')} value={to ?? ''} onChange={(event) => set({ to: event.currentTarget.value || undefined })} />
        <Button variant="default" onClick={pages.refresh}>{t('common.refresh')}</Button>
      </Group>
      <PagedTable
        caption={t('cash.tab.shifts')} pages={pages} rowKey={(row) => row.id} empty={<Empty title={t('cash.noShifts')} />}
        columns={[
          { key: 'number', head: t('cash.shift'), cell: (row) => <div><Link className="row-link" to="/desks/shifts/$id" params={{ id: row.id }}>№ {row.number}</Link><Text size="xs" c="dimmed">{row.desk.code} · {name(row.desk.name)}</Text></div> },
          { key: 'cashier', head: t('cash.cashier'), cell: (row) => actor(row.cashier) },
          { key: 'opened', head: t('cash.openedAt'), cell: (row) => <span className="tab">{format.dateTime(row.openedAt)}</span> },
          { key: 'closed', head: t('cash.closedAt'), cell: (row) => row.closedAt ? <span className="tab">{format.dateTime(row.closedAt)}</span> : row.counts.some((one) => !one.witness) ? <Chip tone="warn">{t('cash.notSigned')}</Chip> : <Chip tone="good">{t('cash.isOpen')}</Chip> },
          { key: 'sales', head: t('cash.turnover.sales'), numeric: true, cell: (row) => format.count(row.turnover.sales.count) },
          { key: 'cash', head: t('cash.cash'), numeric: true, cell: (row) => row.turnover.sales.cash ? format.money(row.turnover.sales.cash) : '—' },
          { key: 'card', head: t('cash.card'), numeric: true, cell: (row) => format.money(row.turnover.sales.card) },
          { key: 'expected', head: t('cash.inDrawer'), numeric: true, cell: (row) => row.turnover.expected ? <b>{format.money(row.turnover.expected)}</b> : '—' },
        ]}
      />
    </Section>
  )
}
