// What decides a volume besides meters and norms: torn seals, leaks, days without service, people away, watered plots, a house
// that one contract pays for.
import { useState } from 'react'
import { Alert, Group, NativeSelect, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import {
  Changes, ChoiceField, Chip, DataTable, DialogButton, Empty, FieldRow, FormView, IconPlus, Section, SwitchField, TextField, useAct, useFinish, useForm, useFormat, type Picked,
} from '@aiscra/ui'
import { graphql, type SignedAct, type SpecialKind } from '../../gql'
import { amenities } from '../../lib/amenities'
import { useCan, useToday } from '../../lib/can'
import { useDays } from '../../lib/days'
import { DaysFields } from '../../lib/days-fields'
import { useT } from '../../lib/i18n'
import { MonthField } from '../../lib/month-field'
import { Awaiting, SecondNeeded } from '../access/signatures'
import { DocumentField } from '../archive/document-field'
import { DocumentName } from '../archive/document-name'
import type { Account } from '../subscribers/account'
import { usePointName } from '../subscribers/points'

const record = graphql(`
  mutation SpecialRecord($input: SpecialRecordInput!) { specialRecord(input: $input) { special { id from } errors { code field message } } }
`)
const end = graphql(`
  mutation SpecialEnd($input: SpecialEndInput!) { specialEnd(input: $input) { special { id to } errors { code field message } } }
`)
const withdraw = graphql(`
  mutation SpecialWithdraw($input: SpecialWithdrawInput!) { specialWithdraw(input: $input) { special { id } errors { code field message } } }
`)
const takeBack = graphql(`
  mutation SpecialTakeBack($input: SpecialTakeBackInput!) { specialTakeBack(input: $input) { signature { id } errors { code field message } } }
`)
const plot = graphql(`
  mutation PlotSet($input: PlotSetInput!) { plotSet(input: $input) { account { id } errors { code field message } } }
`)
const supply = graphql(`
  mutation SupplySet($input: SupplySetInput!) { supplySet(input: $input) { account { id } errors { code field message } } }
`)
const bulk = graphql(`
  mutation BulkBillingSet($input: BulkBillingSetInput!) { bulkBillingSet(input: $input) { account { id } errors { code field message } } }
`)

const kinds: SpecialKind[] = ['TORN_SEAL', 'TAMPERING', 'UNAUTHORISED', 'LEAK', 'STOPPED', 'NO_SERVICE', 'ABSENCE', 'NO_ACCESS']
/** Charged by what the pipe lets through: of one point, with its diameter, from the last check on. */
const capacity: readonly SpecialKind[] = ['TORN_SEAL', 'TAMPERING', 'UNAUTHORISED', 'LEAK']
/** Said of one point. */
const ofPoint: readonly SpecialKind[] = [...capacity, 'NO_ACCESS']
const signed: SignedAct[] = ['SPECIAL_TAKE_BACK']
type Special = Account['specials'][number]
interface FormProps {
  account: Account
  close: () => void
  done: () => void
}

/** What a case rests on besides its days. */
function useFacts() {
  const t = useT()
  const format = useFormat()
  return (one: Special) =>
    [
      one.diameterMm > 0 && t('consumption.diameterIs', { mm: one.diameterMm }),
      one.lastCheckOn && t('consumption.lastCheckWas', { date: format.shortDate(one.lastCheckOn) }),
      one.people > 0 && t('subscribers.people', { count: one.people }),
      !one.to && one.cappedOn && t('consumption.cappedOn', { date: format.shortDate(one.cappedOn) }),
      one.chargedTo && t('consumption.chargedTo', { date: format.shortDate(one.chargedTo) }),
    ].filter(Boolean).join(' · ')
}

export function Specials({ account, refresh }: { account: Account; refresh: () => void }) {
  const t = useT()
  const can = useCan()
  const today = useToday()
  const name = usePointName()
  const facts = useFacts()
  const days = useDays()
  const active = account.status === 'ACTIVE'
  const writes = can('ACCOUNT_WRITE')
  const corrects = can('CORRECTION_WRITE')
  const [asked, setAsked] = useState(0)
  // Most accounts have none: whoever only reads need not be told.
  if (account.specials.length + account.plots.length + account.bulkBilling.length === 0 && !(writes && active)) return null
  return (
    <>
      {account.specials.length > 0 && <Awaiting key={asked} acts={signed} account={account.id} done={refresh} />}
      <Section
        flush title={t('consumption.specials')}
        side={writes && active && (
          <>
            {account.points.length > 0 && <DialogButton label={t('consumption.record')} icon={<IconPlus size={14} />} buttonSize="xs">{(close) => <RecordForm account={account} close={close} done={refresh} />}</DialogButton>}
            {account.sector !== 'LEGAL' && account.points.some((point) => point.water) && <DialogButton label={t('consumption.plot')} buttonSize="xs">{(close) => <PlotForm account={account} close={close} done={refresh} />}</DialogButton>}
            {account.points.length > 0 && <DialogButton label={t('consumption.supply')} buttonSize="xs">{(close) => <SupplyForm account={account} close={close} done={refresh} />}</DialogButton>}
            {account.sector === 'MULTI' && <DialogButton label={t('consumption.bulk')} buttonSize="xs">{(close) => <BulkForm account={account} close={close} done={refresh} />}</DialogButton>}
          </>
        )}
      >
        <DataTable
          caption={t('consumption.specials')} rows={account.specials} rowKey={(row) => row.id} empty={account.plots.length + account.bulkBilling.length > 0 ? null : <Empty title={t('consumption.none')}>{t('consumption.noneText')}</Empty>}
          columns={[
            { key: 'kind', head: t('consumption.kind'), cell: (row) => <div>{row.kind ? t(`enum.SpecialKind.${row.kind}`) : '—'}<Text size="xs" c="dimmed">{facts(row)}</Text><DocumentName id={row.documentId} /></div> },
            { key: 'point', head: t('consumption.point'), cell: (row) => row.pointId ? name(account.points.find((point) => point.id === row.pointId)) : t('consumption.everyPoint') },
            { key: 'days', head: t('debt.days'), cell: (row) => <span className="tab">{days(row)}</span> },
            {
              key: 'state', head: t('common.state'),
              cell: (row) => row.from > today ? <Chip tone="plain">{t('consumption.ahead')}</Chip> : row.to && row.to < today ? <Chip tone="plain">{t('consumption.over')}</Chip> : <Chip tone="warn">{t('consumption.goesOn')}</Chip>,
            },
            ...(writes || corrects
              ? [{
                key: 'acts', head: <span className="unseen">{t('common.acts')}</span>,
                cell: (row: Special) => (
                  <Group gap={6}>
                    {writes && (!row.to || row.to > today) && <DialogButton label={t('consumption.end')} title={row.kind ? `${t('consumption.end')}: ${t(`enum.SpecialKind.${row.kind}`)}` : t('consumption.end')} buttonSize="compact-sm">{(close) => <EndForm special={row} close={close} done={refresh} />}</DialogButton>}
                    {writes && !row.chargedTo && <DialogButton label={t('consumption.withdraw')} buttonSize="compact-sm">{(close) => <WithdrawForm special={row} close={close} done={refresh} />}</DialogButton>}
                    {corrects && row.chargedTo && <DialogButton label={t('consumption.takeBack')} buttonSize="compact-sm">{(close) => <TakeBackForm special={row} close={close} done={() => setAsked((now) => now + 1)} />}</DialogButton>}
                  </Group>
                ),
              }]
              : []),
          ]}
        />
        {account.bulkBilling.length > 0 && <Bulk account={account} />}
        {account.plots.length > 0 && <Plots account={account} />}
        {account.specials.length > 0 && account.specials.some((one) => !one.to || one.to >= today.slice(0, 8)) && (
          <Text size="sm" c="dimmed" px="md" py="sm">
            {t('consumption.seePreview')}{' '}
            <Link className="row-link" to="/accounts/$number/preview" params={{ number: account.number }}>{t('billing.previewLink')}</Link>
          </Text>
        )}
      </Section>
    </>
  )
}

/** When the house is paid for by one contract: its flats are not billed then. */
function Bulk({ account }: { account: Account }) {
  const t = useT()
  const today = useToday()
  const days = useDays()
  return (
    <Stack gap={6} px="md" py="sm" role="list" aria-label={t('consumption.bulk')}>
      {account.bulkBilling.map((row) => (
        <Group key={row.from} gap="xs" role="listitem">
          <Chip tone={row.from <= today && (!row.to || row.to >= today) ? 'warn' : 'plain'}>{t('consumption.payerHouse')}</Chip>
          <Text size="sm" className="tab">{days(row)}</Text>
          {row.payer && <Link className="row-link tab" to="/accounts/$number" params={{ number: row.payer }}>{t('consumption.paidBy', { number: row.payer })}</Link>}
          <DocumentName id={row.documentId} />
        </Group>
      ))}
    </Stack>
  )
}

function Plots({ account }: { account: Account }) {
  const t = useT()
  const format = useFormat()
  const name = usePointName()
  const days = useDays()
  const sotkas = (meters: string) => format.decimal((Number(meters) / 100).toString())
  return (
    <>
      <Text component="h3" fw={600} fz="sm" px="md" pt="sm" m={0}>{t('consumption.plots')}</Text>
      <DataTable
        caption={t('consumption.plots')} rows={account.plots} rowKey={(row) => `${row.pointId} ${row.from}`} empty={null}
        columns={[
          { key: 'area', head: t('consumption.area'), cell: (row) => <div>{t('consumption.areaIs', { meters: format.decimal(row.squareMeters), sotkas: sotkas(row.squareMeters) })}{row.documentId && <DocumentName id={row.documentId} />}</div> },
          { key: 'point', head: t('consumption.point'), cell: (row) => name(account.points.find((point) => point.id === row.pointId)) },
          { key: 'days', head: t('debt.days'), cell: (row) => <span className="tab">{days(row)}</span> },
        ]}
      />
    </>
  )
}

function RecordForm({ account, close, done }: FormProps) {
  const t = useT()
  const format = useFormat()
  const name = usePointName()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(record),
    start: {
      kind: 'TORN_SEAL', point: account.points[0]?.id ?? '', from: '', to: '', people: '', diameterMm: '', startKnown: false, document: null as Picked | null,
    },
    input: (read, values) => {
      const kind = values.kind as SpecialKind
      const full = capacity.includes(kind)
      const input = {
        accountId: account.id, kind, pointId: ofPoint.includes(kind) ? read.text('point') : values.point || null, from: read.text('from'), to: kind === 'TAMPERING' ? read.text('to') : read.optional('to'),
        people: kind === 'ABSENCE' ? read.whole('people') : null, diameterMm: full ? read.whole('diameterMm') : null, startKnown: full ? values.startKnown : null,
        documentId: read.picked('document'),
      }
      if (input.to && input.from && input.to < input.from) read.refuse('to', t('common.endsBefore'))
      if (input.people === 0 && values.people) read.refuse('people', t('consumption.peopleWrong'))
      if (kind === 'ABSENCE' && account.residents && (input.people ?? 0) > account.residents.residents) read.refuse('people', t('consumption.peopleMany', { count: account.residents.residents }))
      if (full && values.diameterMm && (input.diameterMm === 0 || (input.diameterMm ?? 0) > 2000)) read.refuse('diameterMm', t('consumption.diameterWrong'))
      return input
    },
    done: () => finish(t('consumption.recorded')),
  })
  const { values } = form
  const kind = values.kind as SpecialKind
  const full = capacity.includes(kind)
  const one = ofPoint.includes(kind)
  const fromLabel = !full ? t('common.fromDay') : values.startKnown ? t('consumption.began') : t('consumption.lastCheck')
  return (
    <FormView
      form={form} submit={t('consumption.record')} cancel={close} danger={full}
      check={() => (
        <Changes
          title={t('consumption.recordCheck', { number: account.number })}
          rows={[
            { label: t('consumption.kind'), from: '—', to: t(`enum.SpecialKind.${kind}`) },
            { label: t('consumption.point'), from: '—', to: values.point ? name(account.points.find((point) => point.id === values.point)) : t('consumption.everyPoint') },
            { label: fromLabel, from: '—', to: format.date(values.from) },
            { label: t('common.toDay'), from: '—', to: values.to ? format.date(values.to) : t('consumption.goesOn') },
            ...(full ? [{ label: t('consumption.diameter'), from: '—', to: t('consumption.diameterIs', { mm: values.diameterMm }) }] : []),
            ...(kind === 'ABSENCE' ? [{ label: t('consumption.people'), from: '—', to: values.people }] : []),
          ]}
          basis={values.document?.label ?? t('archive.withoutDocument')} note={t(`plain.SpecialKind.${kind}`)}
        />
      )}
    >
      <ChoiceField name="kind" label={t('consumption.kind')} hint={t(`plain.SpecialKind.${kind}`)} choices={kinds.filter((some) => some !== 'STOPPED' || account.sector !== 'LEGAL').map((value) => ({ value, label: t(`enum.SpecialKind.${value}`) }))} />
      <ChoiceField
        name="point" label={t('consumption.point')} required={one}
        choices={[...(one ? (values.point ? [] : [{ value: '', label: '—' }]) : [{ value: '', label: t('consumption.everyPoint') }]), ...account.points.map((point) => ({ value: point.id, label: name(point) }))]}
      />
      {full && (
        <>
          <TextField name="diameterMm" label={t('consumption.diameter')} hint={t('consumption.diameterHint')} mode="numeric" unit={t('consumption.mm')} required />
          <SwitchField name="startKnown" label={t('consumption.startKnown')} hint={t('consumption.startKnownHint')} />
        </>
      )}
      {kind === 'ABSENCE' && <TextField name="people" label={t('consumption.people')} hint={account.residents ? t('consumption.peopleHint', { count: account.residents.residents }) : undefined} mode="numeric" required />}
      <FieldRow>
        <TextField name="from" label={fromLabel} kind="date" required />
        {kind === 'TAMPERING'
          ? <TextField name="to" label={t('consumption.foundOn')} kind="date" required />
          : <TextField name="to" label={t('common.toDay')} hint={t('consumption.toHint')} kind="date" />}
      </FieldRow>
      <DocumentField name="document" required />
    </FormView>
  )
}

function EndForm({ special, close, done }: { special: Special; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(end),
    start: { on: useToday(), document: null as Picked | null },
    input: (read) => {
      const on = read.text('on')
      if (on && on < special.from) read.refuse('on', t('consumption.endsBefore', { date: format.shortDate(special.from) }))
      return { id: special.id, on, documentId: read.picked('document') }
    },
    done: (payload) => finish(t('consumption.ended', { date: payload.special?.to ? format.date(payload.special.to) : '' })),
  })
  return (
    <FormView form={form} submit={t('consumption.end')} cancel={close}>
      <Text size="sm" c="dimmed">{t('consumption.endText')}</Text>
      <TextField name="on" label={t('consumption.lastDay')} kind="date" required />
      <DocumentField name="document" required />
    </FormView>
  )
}

function WithdrawForm({ special, close, done }: { special: Special; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(withdraw),
    start: { document: null as Picked | null },
    input: (read) => ({ id: special.id, documentId: read.picked('document') }),
    done: () => finish(t('consumption.withdrawn')),
  })
  return (
    <FormView
      form={form} submit={t('consumption.withdraw')} cancel={close} danger
      check={() => t('consumption.withdrawCheck', { kind: special.kind ? t(`enum.SpecialKind.${special.kind}`) : '', date: format.date(special.from) })}
    >
      <Text size="sm" c="dimmed">{t('consumption.withdrawText')}</Text>
      <DocumentField name="document" required />
    </FormView>
  )
}

/** What bills have charged goes by two people, and a recalculation finds the difference. */
function TakeBackForm({ special, close, done }: { special: Special; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const kind = special.kind ? t(`enum.SpecialKind.${special.kind}`) : ''
  const form = useForm({
    act: useAct(takeBack),
    start: { on: '', document: null as Picked | null },
    input: (read) => {
      const on = read.optional('on')
      if (on && on < special.from) read.refuse('on', t('consumption.endsBefore', { date: format.shortDate(special.from) }))
      return { id: special.id, on, documentId: read.picked('document') }
    },
    done: () => finish(t('signatures.sent')),
  })
  const { on } = form.values
  return (
    <FormView
      form={form} submit={t('consumption.takeBack')} cancel={close} danger
      check={() => on ? t('consumption.takeBackPart', { kind, date: format.date(on) }) : t('consumption.takeBackCheck', { kind, date: format.date(special.from) })}
    >
      <Text size="sm" c="dimmed">
        {t('consumption.takeBackText', { date: special.chargedTo ? format.date(special.chargedTo) : '' })}{' '}
        <Link className="row-link" to="/corrections">{t('consumption.thenRecalculate')}</Link>
      </Text>
      <SecondNeeded />
      <TextField name="on" label={t('consumption.takeBackOn')} hint={t('consumption.takeBackOnHint')} kind="date" />
      <DocumentField name="document" required />
    </FormView>
  )
}

function PlotForm({ account, close, done }: FormProps) {
  const t = useT()
  const format = useFormat()
  const name = usePointName()
  const finish = useFinish(close, done)
  const points = account.points.filter((point) => point.water)
  const form = useForm({
    act: useAct(plot),
    start: { point: points[0]?.id ?? '', watered: true, squareMeters: '', from: '', to: '', document: null as Picked | null },
    input: (read, values) => {
      const squareMeters = values.watered ? read.whole('squareMeters') : null
      if (values.watered && values.squareMeters && (squareMeters === 0 || squareMeters! > 1_000_000)) read.refuse('squareMeters', t('consumption.areaWrong'))
      const input = { pointId: read.text('point'), squareMeters, from: read.text('from'), to: read.optional('to'), documentId: read.picked('document') }
      if (input.to && input.from && input.to < input.from) read.refuse('to', t('common.endsBefore'))
      return input
    },
    done: () => finish(t('consumption.plotSaved')),
  })
  const { values } = form
  const sotkas = /^\d+$/.test(values.squareMeters.trim()) ? format.decimal((Number(values.squareMeters) / 100).toString()) : null
  return (
    <FormView
      form={form} submit={t('common.save')} cancel={close}
      check={() => (
        <Changes
          title={t('consumption.plotCheck', { number: account.number })}
          rows={[
            { label: t('consumption.area'), from: '—', to: values.watered ? t('consumption.areaIs', { meters: format.count(Number(values.squareMeters)), sotkas: sotkas ?? '' }) : t('consumption.notWatered') },
            { label: t('common.fromDay'), from: '—', to: format.date(values.from) },
            ...(values.to ? [{ label: t('common.toDay'), from: '—', to: format.date(values.to) }] : []),
          ]}
          basis={values.document?.label ?? t('archive.withoutDocument')} note={t('common.decidesMoney')}
        />
      )}
    >
      <Text size="sm" c="dimmed">{t('consumption.plotText')}</Text>
      {points.length > 1 && <ChoiceField name="point" label={t('consumption.point')} choices={points.map((point) => ({ value: point.id, label: name(point) }))} />}
      <SwitchField name="watered" label={t('consumption.watered')} />
      {values.watered && <TextField name="squareMeters" label={t('consumption.area')} hint={sotkas ? t('consumption.sotkas', { sotkas }) : t('consumption.areaHint')} mode="numeric" unit={t('consumption.m2')} required />}
      <DaysFields />
      <DocumentField name="document" required />
    </FormView>
  )
}

/** One point at a time: what it is supplied with now is where its form begins. */
function SupplyForm({ account, close, done }: FormProps) {
  const t = useT()
  const name = usePointName()
  const [id, setId] = useState(account.points[0]?.id)
  const point = account.points.find((one) => one.id === id)
  return (
    <Stack>
      <Text size="sm" c="dimmed">{t('consumption.supplyText')}</Text>
      {account.points.length > 1 && (
        <NativeSelect
          label={t('consumption.point')} value={id ?? ''} data={account.points.map((one) => ({ value: one.id, label: name(one) }))}
          onChange={(event) => setId(event.currentTarget.value)}
        />
      )}
      {point && <PointSupplyForm key={point.id} point={point} account={account} close={close} done={done} />}
    </Stack>
  )
}

function PointSupplyForm({ point, account, close, done }: FormProps & { point: Account['points'][number] }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(supply),
    start: { water: point.water, sewerage: point.sewerage, amenity: point.amenity, from: '', to: '', document: null as Picked | null },
    input: (read, values) => {
      const input = {
        pointId: point.id, water: values.water, sewerage: values.sewerage, amenity: values.amenity, from: read.text('from'), to: read.optional('to'),
        documentId: read.picked('document'),
      }
      if (input.to && input.from && input.to < input.from) read.refuse('to', t('common.endsBefore'))
      return input
    },
    done: () => finish(t('consumption.supplySaved')),
  })
  const { values } = form
  const served = (water: boolean, sewerage: boolean) => [water && t('subscribers.water'), sewerage && t('subscribers.sewerage')].filter(Boolean).join(', ') || t('consumption.noServices')
  // A legal entity is charged by its contract where no meter counts: no amenity decides anything.
  const normed = account.sector !== 'LEGAL'
  return (
    <FormView
      form={form} submit={t('common.save')} cancel={close}
      check={() => (
        <Changes
          title={t('consumption.supplyCheck', { number: account.number })}
          rows={[
            { label: t('subscribers.supply'), from: served(point.water, point.sewerage), to: served(values.water, values.sewerage) },
            ...(normed ? [{ label: t('subscribers.amenity'), from: t(`enum.Amenity.${point.amenity}`), to: t(`enum.Amenity.${values.amenity}`) }] : []),
            { label: t('common.fromDay'), from: '—', to: format.date(values.from) },
            ...(values.to ? [{ label: t('common.toDay'), from: '—', to: format.date(values.to) }] : []),
          ]}
          basis={values.document?.label ?? t('archive.withoutDocument')} note={t('common.decidesMoney')}
        />
      )}
    >
      {!point.hot && <SwitchField name="water" label={t('subscribers.water')} />}
      <SwitchField name="sewerage" label={t('subscribers.sewerage')} />
      {normed && <ChoiceField name="amenity" label={t('subscribers.amenity')} choices={amenities.map((value) => ({ value, label: t(`enum.Amenity.${value}`) }))} />}
      <DaysFields />
      <DocumentField name="document" required />
    </FormView>
  )
}

function BulkForm({ account, close, done }: FormProps) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(bulk),
    start: { who: 'bulk', payer: '', from: useToday().slice(0, 7), to: '', document: null as Picked | null },
    input: (read, values) => {
      const payer = values.who === 'bulk' ? read.optional('payer') : null
      if (values.who === 'bulk' && !payer) read.refuse('payer', t('consumption.payerNeeded'))
      const input = { accountId: account.id, bulk: values.who === 'bulk', payer, from: read.text('from'), to: read.optional('to'), documentId: read.picked('document') }
      if (input.to && input.to < input.from) read.refuse('to', t('common.endsBefore'))
      return input
    },
    done: () => finish(t('consumption.bulkSaved')),
  })
  const { values } = form
  // Without the flat's own number: what is said is said of the house.
  const house = account.address.replace(/,[^,]*$/, '')
  return (
    <FormView
      form={form} submit={t('common.save')} cancel={close} danger={values.who === 'bulk'}
      check={() => (
        <Changes
          title={t('consumption.bulkCheck', { house })}
          rows={[
            { label: t('consumption.payer'), from: '—', to: t(values.who === 'bulk' ? 'consumption.payerHouse' : 'consumption.payerFlats') },
            ...(values.who === 'bulk' ? [{ label: t('consumption.payerNumber'), from: '—', to: values.payer }] : []),
            { label: t('consumption.fromMonth'), from: '—', to: format.period(values.from) },
            ...(values.to ? [{ label: t('consumption.toMonth'), from: '—', to: format.period(values.to) }] : []),
          ]}
          basis={values.document?.label ?? t('archive.withoutDocument')} note={t(values.who === 'bulk' ? 'consumption.bulkNote' : 'consumption.flatsNote')}
        />
      )}
    >
      <Alert variant="light" color="blue">{t('consumption.bulkText', { house })}</Alert>
      <ChoiceField name="who" label={t('consumption.payer')} choices={[{ value: 'bulk', label: t('consumption.payerHouse') }, { value: 'flats', label: t('consumption.payerFlats') }]} />
      {values.who === 'bulk' && <TextField name="payer" label={t('consumption.payerNumber')} hint={t('consumption.payerHint')} mode="numeric" required />}
      <FieldRow>
        <MonthField name="from" label={t('consumption.fromMonth')} back={0} ahead={12} required />
        <MonthField name="to" label={t('consumption.toMonth')} back={0} ahead={36} none={t('consumption.noEnd')} />
      </FieldRow>
      <DocumentField name="document" required />
    </FormView>
  )
}
