// Acts on an account: open, another holder, leaving, residents, consumer group.
import type { ReactNode } from 'react'
import { Group, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useQuery } from 'urql'
import {
  Changes, ChoiceField, DialogButton, FieldRow, FormView, IconPlus, TextField, sign, unsigned, useAct, useFinish, useForm, useFormat, useSay, type Picked, type Reader,
} from '@aiscra/ui'
import { graphql, type ConsumerGroup, type Language, type PartyKind, type ResidencySource, type Sector } from '../../gql'
import { DaysFields } from '../../lib/days-fields'
import { useToday, useViewer } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'
import { BuildingField } from './building-field'

const open = graphql(`
  mutation AccountOpen($input: AccountOpenInput!) { accountTakeOver(input: $input) { account { id number } errors { code field message } } }
`)
const moveIn = graphql(`
  mutation AccountMoveIn($input: AccountMoveInInput!) { accountMoveIn(input: $input) { account { id version } errors { code field message } } }
`)
const moveOut = graphql(`
  mutation AccountMoveOut($input: AccountMoveOutInput!) { accountMoveOut(input: $input) { account { id status version } errors { code field message } } }
`)
const setGroup = graphql(`
  mutation ConsumerGroupSet($input: ConsumerGroupSetInput!) { consumerGroupSet(input: $input) { account { id consumerGroup version } errors { code field message } } }
`)
const recordResidents = graphql(`
  mutation ResidentsRecord($input: ResidentsRecordInput!) { residentsRecord(input: $input) { residency { id residents } errors { code field message } } }
`)
const premisesQuery = graphql(`
  query PremisesOf($search: String!) { buildings(search: $search, first: 5) { nodes { id address premises(first: 100) { nodes { id number kind } } } } }
`)

export interface AccountForActs {
  id: string
  number: string
  sector: Sector
  consumerGroup: ConsumerGroup
  status: string
  balance: string
  version: number
  residents?: { residents: number; from: string; source: string } | null
}
interface FormProps {
  account: AccountForActs
  close: () => void
  /** Reads the account again. */
  refresh: () => void
}

const groups: ConsumerGroup[] = ['POPULATION', 'OTHER', 'BUDGET']
const sources: ResidencySource[] = ['EGOV', 'DOCUMENT', 'INSPECTION', 'IMPORT']
const allSectors: Sector[] = ['MULTI', 'PRIVATE', 'LEGAL']

const noParty = { kind: 'PERSON', name: '', identification: '', phone: '', email: '', language: 'RU' }
const party = (read: Reader<typeof noParty>, values: typeof noParty) => ({
  kind: values.kind as PartyKind, name: read.text('name'), identification: read.optional('identification'), phone: read.optional('phone'),
  email: read.optional('email'), language: values.language as Language,
})

function PartyFields({ kind }: { kind: string }) {
  const t = useT()
  return (
    <>
      <FieldRow>
        <ChoiceField
          name="kind" label={t('subscribers.partyKind')}
          choices={[{ value: 'PERSON', label: t('subscribers.person') }, { value: 'ORGANISATION', label: t('subscribers.organisation') }]}
        />
        <TextField name="identification" label={kind === 'PERSON' ? t('enum.PartyKind.PERSON') : t('enum.PartyKind.ORGANISATION')} hint={t('subscribers.idHint')} mode="numeric" />
      </FieldRow>
      <TextField name="name" label={kind === 'PERSON' ? t('subscribers.fullName') : t('subscribers.orgName')} required />
      <FieldRow>
        <TextField name="phone" label={t('subscribers.phone')} kind="tel" />
        <TextField name="email" label={t('subscribers.email')} kind="email" />
        <ChoiceField
          name="language" label={t('subscribers.language')}
          choices={[{ value: 'KK', label: 'Қазақша' }, { value: 'RU', label: 'Русский' }, { value: 'EN', label: 'English' }]}
        />
      </FieldRow>
    </>
  )
}

function ResidentsFields({ required }: { required?: boolean }) {
  const t = useT()
  return (
    <FieldRow>
      <TextField name="residents" label={t('subscribers.residents')} mode="numeric" required={required ?? false} />
      <ChoiceField
        name="source" label={t('subscribers.residentsSource')} required={required ?? false}
        choices={[{ value: '', label: '—' }, ...sources.map((value) => ({ value, label: t(`enum.ResidencySource.${value}`) }))]}
      />
    </FieldRow>
  )
}

function MoveInForm({ account, close, refresh }: FormProps) {
  const t = useT()
  const finish = useFinish(close, refresh)
  const form = useForm({
    act: useAct(moveIn),
    start: {
      ...noParty, kind: account.sector === 'LEGAL' ? 'ORGANISATION' : 'PERSON', date: useToday(),
      residents: '', source: '', document: null as Picked | null,
    },
    input: (read, values) => {
      const residents = read.wholeOrNull('residents')
      if (residents !== null) read.text('source')
      return {
        id: account.id, expectedVersion: account.version, date: read.text('date'), holder: party(read as never, values),
        residents, residentsSource: residents === null ? null : (values.source as ResidencySource), documentId: read.pickedOrNull('document'),
      }
    },
    done: () => finish(t('subscribers.movedIn')),
  })
  const format = useFormat()
  return (
    <FormView
      form={form} submit={t('subscribers.moveIn')} cancel={close} refresh={refresh}
      check={() => t('subscribers.moveInCheck', { name: form.values.name, date: format.date(form.values.date), number: account.number })}
    >
      <TextField name="date" label={t('subscribers.moveInDate')} kind="date" required />
      <PartyFields kind={form.values.kind} />
      {account.sector !== 'LEGAL' && <ResidentsFields />}
      <DocumentField name="document" />
    </FormView>
  )
}

function MoveOutForm({ account, close, refresh }: FormProps) {
  const t = useT()
  const finish = useFinish(close, refresh)
  const format = useFormat()
  const form = useForm({
    act: useAct(moveOut),
    start: { date: useToday(), document: null as Picked | null },
    input: (read) => ({ id: account.id, expectedVersion: account.version, date: read.text('date'), documentId: read.pickedOrNull('document') }),
    done: () => finish(t('subscribers.movedOut', { number: account.number })),
  })
  const side = sign(account.balance)
  return (
    <FormView
      form={form} submit={t('subscribers.moveOut')} cancel={close} refresh={refresh} danger
      check={() => (
        <>
          <Text size="sm">{t('subscribers.moveOutCheck', { number: account.number, date: format.date(form.values.date) })}</Text>
          {side !== 0 && (
            <Text size="sm" mt={6} fw={600}>
              {side > 0 ? t('subscribers.moveOutDebt', { sum: format.money(account.balance) }) : t('subscribers.moveOutAdvance', { sum: format.money(unsigned(account.balance)) })}
            </Text>
          )}
        </>
      )}
    >
      <TextField name="date" label={t('subscribers.moveOutDate')} hint={t('subscribers.moveOutHint')} kind="date" required />
      <DocumentField name="document" />
    </FormView>
  )
}

function ResidentsForm({ account, close, refresh }: FormProps) {
  const t = useT()
  const finish = useFinish(close, refresh)
  const format = useFormat()
  const codes = useCodes()
  const now = account.residents
  const form = useForm({
    act: useAct(recordResidents),
    start: { from: '', to: '', residents: '', source: '', document: null as Picked | null },
    input: (read, values) => {
      const residents = read.whole('residents')
      if (now && residents === now.residents && values.residents && values.from >= now.from) read.refuse('residents', t('common.nothingChanges'))
      return {
        accountId: account.id, from: read.text('from'), to: read.optional('to'), residents, source: read.text('source') as ResidencySource,
        documentId: values.source === 'DOCUMENT' ? read.picked('document') : read.pickedOrNull('document'),
      }
    },
    done: () => finish(t('subscribers.residentsSaved')),
  })
  const { values } = form
  const nowSaid = now ? `${t('subscribers.people', { count: now.residents })}, ${t('subscribers.residentsSince', { date: format.shortDate(now.from), source: codes.source(now.source) })}` : '—'
  return (
    <FormView
      form={form} submit={t('common.save')} cancel={close}
      check={() => (
        <Changes
          title={t('subscribers.residentsCheck', { number: account.number })}
          rows={[
            { label: t('subscribers.residents'), from: now ? t('subscribers.people', { count: now.residents }) : '—', to: t('subscribers.people', { count: Number(values.residents) }) },
            { label: t('common.fromDay'), from: now ? format.shortDate(now.from) : '—', to: format.shortDate(values.from) },
            ...(values.to ? [{ label: t('common.toDay'), from: '—', to: format.shortDate(values.to) }] : []),
            { label: t('subscribers.residentsSource'), from: now ? codes.source(now.source) : '—', to: t(`enum.ResidencySource.${values.source as ResidencySource}`) },
          ]}
          basis={values.document?.label ?? t('archive.withoutDocument')} note={t('common.decidesMoney')}
        />
      )}
    >
      <Text size="sm">{t('subscribers.residentsNow', { now: nowSaid })}</Text>
      <ResidentsFields required />
      <DaysFields />
      <DocumentField name="document" required={values.source === 'DOCUMENT'} />
    </FormView>
  )
}

function GroupForm({ account, close, refresh }: FormProps) {
  const t = useT()
  const finish = useFinish(close, refresh)
  const format = useFormat()
  const group = (value: string) => t(`enum.ConsumerGroup.${value as ConsumerGroup}`)
  const form = useForm({
    act: useAct(setGroup),
    start: { consumerGroup: account.consumerGroup as string, from: useToday(), document: null as Picked | null },
    input: (read, values) => ({
      accountId: account.id, expectedVersion: account.version, consumerGroup: values.consumerGroup as ConsumerGroup,
      from: read.text('from'), documentId: read.picked('document'),
    }),
    done: () => finish(t('subscribers.groupSaved')),
  })
  return (
    <FormView
      form={form} submit={t('common.save')} cancel={close} refresh={refresh}
      check={() => (
        <Changes
          title={t('subscribers.account', { number: account.number })} note={t('common.decidesMoney')}
          rows={[
            { label: t('tariffs.group'), from: group(account.consumerGroup), to: group(form.values.consumerGroup) },
            { label: t('common.fromDay'), from: '—', to: format.shortDate(form.values.from) },
          ]}
          basis={form.values.document?.label ?? t('archive.withoutDocument')}
        />
      )}
    >
      <ChoiceField name="consumerGroup" label={t('tariffs.group')} choices={groups.map((value) => ({ value, label: group(value) }))} />
      <TextField name="from" label={t('common.fromDay')} hint={t('subscribers.groupHint')} kind="date" required />
      <DocumentField name="document" required />
    </FormView>
  )
}

export function AccountActs({ account, refresh, finalBill }: {
  account: AccountForActs
  refresh: () => void
  /** Whoever leaves gets a final bill; a legal entity may be closed without one, and its run bills the days. */
  finalBill: (close: () => void) => ReactNode
}) {
  const t = useT()
  const active = account.status === 'ACTIVE'
  return (
    <Group gap="xs" className="no-print">
      {active && account.sector !== 'LEGAL' && (
        <DialogButton label={t('subscribers.residentsAct')} buttonSize="xs">{(close) => <ResidentsForm account={account} close={close} refresh={refresh} />}</DialogButton>
      )}
      {active && account.sector === 'LEGAL' && (
        <DialogButton label={t('tariffs.group')} buttonSize="xs">{(close) => <GroupForm account={account} close={close} refresh={refresh} />}</DialogButton>
      )}
      <DialogButton label={t('subscribers.moveInAct')} buttonSize="xs">{(close) => <MoveInForm account={account} close={close} refresh={refresh} />}</DialogButton>
      {active && <DialogButton label={t('subscribers.moveOutAct')} buttonSize="xs">{(close) => finalBill(close)}</DialogButton>}
      {active && account.sector === 'LEGAL' && (
        <DialogButton label={t('subscribers.moveOut')} buttonSize="xs">{(close) => <MoveOutForm account={account} close={close} refresh={refresh} />}</DialogButton>
      )}
    </Group>
  )
}

function OpenForm({ close }: { close: () => void }) {
  const t = useT()
  const say = useSay()
  const navigate = useNavigate()
  const viewer = useViewer()
  const sectors = viewer.sectors.length ? allSectors.filter((one) => viewer.sectors.includes(one)) : allSectors
  const form = useForm({
    act: useAct(open),
    start: {
      ...noParty, number: '', sector: sectors[0]! as string, consumerGroup: 'POPULATION', openedOn: useToday(), building: null as Picked | null, premiseId: '',
      residents: '', source: '',
    },
    input: (read, values) => {
      const legal = values.sector === 'LEGAL'
      const residents = legal ? null : read.wholeOrNull('residents')
      if (residents !== null) read.text('source')
      read.picked('building')
      return {
        number: read.text('number'), sector: values.sector as Sector, consumerGroup: (legal ? values.consumerGroup : 'POPULATION') as ConsumerGroup,
        openedOn: read.text('openedOn'), premiseId: read.text('premiseId'), holder: party(read as never, values),
        residents, residentsSource: residents === null ? null : (values.source as ResidencySource),
      }
    },
    done: (payload) => {
      say(t('subscribers.opened', { number: payload.account?.number ?? '' }))
      close()
      void navigate({ to: '/accounts/$number', params: { number: payload.account?.number ?? '' } })
    },
  })
  const { values } = form
  const [premises] = useQuery({ query: premisesQuery, variables: { search: values.building?.label ?? '' }, pause: !values.building })
  const rooms = values.building ? (premises.data?.buildings.nodes.find((one) => one.id === values.building?.id)?.premises.nodes ?? []) : []
  const legal = values.sector === 'LEGAL'
  return (
    <FormView form={form} submit={t('subscribers.open')} cancel={close}>
      <FieldRow>
        <TextField name="number" label={t('subscribers.number')} mode="numeric" required />
        <TextField name="openedOn" label={t('subscribers.openedOn')} kind="date" required />
      </FieldRow>
      <FieldRow>
        <ChoiceField name="sector" label={t('common.sector')} choices={sectors.map((value) => ({ value, label: t(`enum.Sector.${value}`) }))} />
        {legal && <ChoiceField name="consumerGroup" label={t('tariffs.group')} choices={groups.map((value) => ({ value, label: t(`enum.ConsumerGroup.${value}`) }))} />}
      </FieldRow>
      <BuildingField name="building" required />
      <ChoiceField
        name="premiseId" label={t('subscribers.premise')} required
        choices={[{ value: '', label: values.building ? '—' : t('subscribers.buildingFirst') }, ...rooms.map((one) => ({ value: one.id, label: one.number || t(`enum.PremiseKind.${one.kind}`) }))]}
      />
      <PartyFields kind={values.kind} />
      {!legal && <ResidentsFields />}
    </FormView>
  )
}

export function OpenAccount() {
  const t = useT()
  return (
    <DialogButton label={t('subscribers.openAct')} variant="filled" size="xl" icon={<IconPlus size={16} />}>
      {(close) => <OpenForm close={close} />}
    </DialogButton>
  )
}
