// Points that come into an account and leave it: objects of a contract, further inlets of a premise.
import { Text } from '@mantine/core'
import { useQuery } from 'urql'
import { ChoiceField, FieldRow, FormView, SwitchField, TextField, useAct, useFinish, useForm, useFormat, type Picked } from '@aiscra/ui'
import { graphql, type Amenity } from '../../gql'
import { amenities } from '../../lib/amenities'
import { useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'
import type { Account } from './account'
import { BuildingField } from './building-field'
import { usePointName } from './points'

const add = graphql(`
  mutation PointAdd($input: PointAddInput!) { pointAdd(input: $input) { point { id } errors { code field message } } }
`)
const include = graphql(`
  mutation AccountPointInclude($input: AccountPointIncludeInput!) { accountPointInclude(input: $input) { account { id } errors { code field message } } }
`)
const exclude = graphql(`
  mutation AccountPointExclude($input: AccountPointExcludeInput!) { accountPointExclude(input: $input) { account { id } errors { code field message } } }
`)
const premisesQuery = graphql(`
  query ObjectsOf($search: String!) { buildings(search: $search, first: 5) { nodes { id address premises(first: 100) { nodes { id number kind } } } } }
`)
const pointsQuery = graphql(`
  query PointsAt($id: ID!) { premise(id: $id) { id address points { id hot meter { id serial } } } }
`)

interface FormProps {
  account: Account
  close: () => void
  refresh: () => void
}

// A choice names what it was made under: one of another building or premise, chosen before, is none.
const under = (place: string, id: string) => `${place} ${id}`
const chosen = (choice: string) => choice.split(' ').at(-1) ?? ''

/** The building and the premise in it; the account's own to begin with. */
function PlaceFields({ building }: { building: Picked | null }) {
  const t = useT()
  const [result] = useQuery({ query: premisesQuery, variables: { search: building?.label ?? '' }, pause: !building })
  const rooms = building ? (result.data?.buildings.nodes.find((one) => one.id === building.id)?.premises.nodes ?? []) : []
  return (
    <>
      <BuildingField name="building" required />
      <ChoiceField
        name="premise" label={t('subscribers.premise')} required
        choices={[{ value: '', label: building ? '—' : t('subscribers.buildingFirst') }, ...rooms.map((one) => ({ value: under(building?.id ?? '', one.id), label: one.number || t(`enum.PremiseKind.${one.kind}`) }))]}
      />
    </>
  )
}

const placeOf = (account: Account) => ({
  building: { id: account.premise.building.id, label: account.premise.building.address } as Picked | null,
  premise: under(account.premise.building.id, account.premise.id),
})

export function InletForm({ account, close, refresh }: FormProps) {
  const t = useT()
  const finish = useFinish(close, refresh)
  const format = useFormat()
  const form = useForm({
    act: useAct(add),
    start: { ...placeOf(account), hot: false, water: true, sewerage: true, amenity: 'HOUSEHOLD', from: useToday(), document: null as Picked | null },
    input: (read, values) => {
      if (!values.premise.startsWith(under(values.building?.id ?? '', ''))) read.refuse('premise', t('life.needed'))
      return {
        premiseId: chosen(values.premise), hot: values.hot, water: !values.hot && values.water, sewerage: values.sewerage,
        amenity: values.amenity as Amenity, from: read.text('from'), documentId: read.picked('document'),
      }
    },
    done: () => finish(t('objects.inletAdded')),
  })
  const { values } = form
  return (
    <FormView form={form} submit={t('objects.inletAdd')} cancel={close} check={() => t('objects.inletCheck', { date: format.date(values.from) })}>
      <Text size="sm" c="dimmed">{t('objects.inletText')}</Text>
      <PlaceFields building={values.building} />
      <SwitchField name="hot" label={t('subscribers.hotWater')} />
      {!values.hot && <SwitchField name="water" label={t('subscribers.water')} />}
      <SwitchField name="sewerage" label={t('subscribers.sewerage')} />
      {account.sector !== 'LEGAL' && <ChoiceField name="amenity" label={t('subscribers.amenity')} choices={amenities.map((value) => ({ value, label: t(`enum.Amenity.${value}`) }))} />}
      <TextField name="from" label={t('common.fromDay')} kind="date" required />
      <DocumentField name="document" required />
    </FormView>
  )
}

export function IncludeForm({ account, close, refresh }: FormProps) {
  const t = useT()
  const finish = useFinish(close, refresh)
  const format = useFormat()
  const name = usePointName()
  const form = useForm({
    act: useAct(include),
    start: { ...placeOf(account), point: '', from: useToday(), value: '', unread: false, document: null as Picked | null },
    input: (read, values) => {
      if (!values.premise.startsWith(under(values.building?.id ?? '', ''))) read.refuse('premise', t('life.needed'))
      if (!values.point.startsWith(under(values.premise, ''))) read.refuse('point', t('life.needed'))
      return {
        accountId: account.id, pointId: chosen(values.point), from: read.text('from'), value: read.decimalOrNull('value', 3), unread: values.unread,
        documentId: read.picked('document'),
      }
    },
    done: () => finish(t('objects.included')),
  })
  const { values } = form
  const [result] = useQuery({ query: pointsQuery, variables: { id: chosen(values.premise) }, pause: !values.premise })
  const there = result.data?.premise?.id === chosen(values.premise) ? result.data.premise.points : []
  const free = there.filter((one) => !account.points.some((own) => own.id === one.id))
  const point = free.find((one) => under(values.premise, one.id) === values.point)
  return (
    <FormView
      form={form} submit={t('objects.include')} cancel={close}
      check={() => t('objects.includeCheck', { number: account.number, point: name(point), address: result.data?.premise?.address ?? '', date: format.date(values.from) })}
    >
      <Text size="sm" c="dimmed">{t('objects.includeText')}</Text>
      <PlaceFields building={values.building} />
      <ChoiceField name="point" label={t('consumption.point')} required choices={[{ value: '', label: '—' }, ...free.map((one) => ({ value: under(values.premise, one.id), label: name(one) }))]} />
      <TextField name="from" label={t('common.fromDay')} kind="date" required />
      {point?.meter && (
        <FieldRow>
          <TextField name="value" label={t('objects.openingReading', { serial: point.meter.serial })} hint={t('objects.openingHint')} mode="decimal" unit="м³" />
          <SwitchField name="unread" label={t('life.unread')} />
        </FieldRow>
      )}
      <DocumentField name="document" required />
    </FormView>
  )
}

export function ExcludeForm({ account, point, close, refresh }: FormProps & { point: Account['points'][number] }) {
  const t = useT()
  const finish = useFinish(close, refresh)
  const format = useFormat()
  const name = usePointName()
  const form = useForm({
    act: useAct(exclude),
    start: { date: useToday(), value: '', unread: false, seen: false, document: null as Picked | null },
    input: (read, values) => ({
      accountId: account.id, pointId: point.id, date: read.text('date'), value: read.decimalOrNull('value', 3), unread: values.unread, doubtfulSeen: values.seen,
      documentId: read.picked('document'),
    }),
    done: () => finish(t('objects.excluded')),
  })
  const { values } = form
  return (
    <FormView
      form={form} submit={t('objects.exclude')} cancel={close} danger
      check={() => t('objects.excludeCheck', { number: account.number, point: name(point), address: point.place?.address ?? '', date: format.date(values.date) })}
    >
      <Text size="sm" c="dimmed">{t('objects.excludeText')}</Text>
      <TextField name="date" label={t('objects.firstDayWithout')} kind="date" required />
      {point.meter && (
        <>
          <TextField
            name="value" mode="decimal" unit="м³"
            label={t('life.closingReading', { which: t(point.hot ? 'subscribers.hotWater' : 'subscribers.coldWater'), serial: point.meter.serial })}
            hint={point.lastReading ? t('life.lastWas', { value: format.volume(point.lastReading.value), date: format.shortDate(point.lastReading.takenOn) }) : undefined}
          />
          <SwitchField name="unread" label={t('life.unread')} hint={t('life.unreadHint')} />
          <SwitchField name="seen" label={t('life.doubtfulSeen')} />
        </>
      )}
      <DocumentField name="document" required />
    </FormView>
  )
}
