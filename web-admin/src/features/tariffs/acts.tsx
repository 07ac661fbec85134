// New versions of what decides money: a price, a norm, a setting. Each needs an official document and says its source.
import { Text } from '@mantine/core'
import {
  ChoiceField, Confirm, DialogButton, FieldRow, Figures, FormView, IconPlus, Refusals, TextField, useAct, useForm, useFormat, useSay, type Picked,
} from '@aiscra/ui'
import { useState } from 'react'
import { Button } from '@mantine/core'
import { graphql, type Amenity, type ConsumerGroup, type Service, type SettingsQuery, type TariffsQuery } from '../../gql'
import { useToday, useViewer } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'

const priceMutation = graphql(`
  mutation PriceRecord($input: PriceRecordInput!) { priceRecord(input: $input) { price { id } errors { code field message } } }
`)
const normMutation = graphql(`
  mutation NormRecord($input: NormRecordInput!) { normRecord(input: $input) { norm { id } errors { code field message } } }
`)
const proposeMutation = graphql(`
  mutation SettingPropose($input: SettingProposeInput!) { settingPropose(input: $input) { setting { id } errors { code field message } } }
`)
const confirmMutation = graphql(`
  mutation SettingConfirm($input: SettingConfirmInput!) { settingConfirm(input: $input) { setting { id confirmedBy confirmedAt } errors { code field message } } }
`)

export type Setting = SettingsQuery['settings']['nodes'][number]
type Price = TariffsQuery['prices'][number]
type Norm = TariffsQuery['norms'][number]
const services: Service[] = ['WATER', 'SEWERAGE_COLD', 'SEWERAGE_HOT']
const groups: ConsumerGroup[] = ['POPULATION', 'OTHER', 'BUDGET']
const amenities: Amenity[] = ['HOUSEHOLD', 'DILAPIDATED', 'STANDPIPE']

/** From when until when, and on whose word. */
function Validity() {
  const t = useT()
  return (
    <>
      <FieldRow>
        <TextField name="from" label={t('common.fromDay')} kind="date" required />
        <TextField name="to" label={t('common.toDay')} hint={t('common.openEnd')} kind="date" />
      </FieldRow>
      <TextField name="source" label={t('tariffs.source')} hint={t('tariffs.sourceHint')} required />
      <DocumentField name="document" required />
    </>
  )
}
const validity = (today: string) => ({ from: today, to: '', source: '', document: null as Picked | null })

function PriceForm({ prices, close, done }: { prices: readonly Price[]; close: () => void; done: () => void }) {
  const t = useT()
  const say = useSay()
  const format = useFormat()
  const form = useForm({
    act: useAct(priceMutation),
    start: { service: 'WATER', consumerGroup: 'POPULATION', net: '', ...validity(useToday()) },
    input: (read, values) => ({
      service: values.service as Service, consumerGroup: values.consumerGroup as ConsumerGroup, net: read.decimal('net', 4),
      from: read.text('from'), to: read.optional('to'), source: read.text('source'), documentId: read.picked('document'),
    }),
    done: () => {
      say(t('tariffs.priceSaved'))
      close()
      done()
    },
  })
  const { values } = form
  const old = prices.find((one) => one.service === values.service && one.consumerGroup === values.consumerGroup)
  return (
    <FormView
      form={form} submit={t('tariffs.record')} cancel={close}
      check={() => {
        const next = values.net.replace(',', '.')
        const share = old && Number(old.net) ? Number(next) / Number(old.net) - 1 : null
        return (
          <>
            <Text size="sm" mb="sm">{t('tariffs.priceCheck', { date: format.date(values.from) })}</Text>
            <Figures
              rows={[
                { label: t(`enum.Service.${values.service as Service}`), value: t(`enum.ConsumerGroup.${values.consumerGroup as ConsumerGroup}`) },
                { label: t('tariffs.now'), value: old ? format.price(old.net) : '—' },
                { label: t('tariffs.next'), value: format.price(next), note: share === null ? null : `${share >= 0 ? '+' : '−'}${format.percent(Math.abs(share).toFixed(4))}` },
              ]}
            />
          </>
        )
      }}
    >
      <FieldRow>
        <ChoiceField name="service" label={t('billing.service')} choices={services.map((value) => ({ value, label: t(`enum.Service.${value}`) }))} />
        <ChoiceField name="consumerGroup" label={t('tariffs.group')} choices={groups.map((value) => ({ value, label: t(`enum.ConsumerGroup.${value}`) }))} />
      </FieldRow>
      <TextField name="net" label={t('billing.price')} mode="decimal" unit="₸" hint={old ? t('tariffs.nowIs', { value: format.price(old.net) }) : undefined} required />
      <Validity />
    </FormView>
  )
}

function NormForm({ norms, close, done }: { norms: readonly Norm[]; close: () => void; done: () => void }) {
  const t = useT()
  const say = useSay()
  const format = useFormat()
  const form = useForm({
    act: useAct(normMutation),
    start: { amenity: 'HOUSEHOLD', service: 'WATER', volume: '', ...validity(useToday()) },
    input: (read, values) => ({
      amenity: values.amenity as Amenity, service: values.service as Service, volume: read.decimal('volume', 3),
      from: read.text('from'), to: read.optional('to'), source: read.text('source'), documentId: read.picked('document'),
    }),
    done: () => {
      say(t('tariffs.normSaved'))
      close()
      done()
    },
  })
  const { values } = form
  const old = norms.find((one) => one.service === values.service && one.amenity === values.amenity)
  return (
    <FormView form={form} submit={t('tariffs.record')} cancel={close}>
      <FieldRow>
        <ChoiceField name="amenity" label={t('subscribers.amenity')} choices={amenities.map((value) => ({ value, label: t(`enum.Amenity.${value}`) }))} />
        <ChoiceField name="service" label={t('billing.service')} choices={services.map((value) => ({ value, label: t(`enum.Service.${value}`) }))} />
      </FieldRow>
      <TextField name="volume" label={t('tariffs.perPerson')} mode="decimal" unit="м³" hint={old ? t('tariffs.nowIs', { value: format.volume(old.volume) }) : undefined} required />
      <Validity />
    </FormView>
  )
}

function SettingForm({ settings, close, done }: { settings: readonly Setting[]; close: () => void; done: () => void }) {
  const t = useT()
  const words = useCodes()
  const say = useSay()
  const codes = [...new Set(settings.map((one) => one.code))].toSorted()
  const form = useForm({
    act: useAct(proposeMutation),
    start: { code: codes[0] ?? '', value: '', ...validity(useToday()) },
    input: (read, values) => ({
      code: values.code, value: read.text('value'), from: read.text('from'), to: read.optional('to'), source: read.text('source'), documentId: read.picked('document'),
    }),
    done: () => {
      say(t('tariffs.settingProposed'))
      close()
      done()
    },
  })
  const now = settings.find((one) => one.code === form.values.code && one.to == null)
  return (
    <FormView form={form} submit={t('tariffs.propose')} cancel={close}>
      <Text size="sm" c="dimmed">{t('tariffs.fourEyes')}</Text>
      <ChoiceField name="code" label={t('tariffs.code')} choices={codes.map((value) => ({ value, label: words.setting(value) }))} />
      <TextField name="value" label={t('tariffs.value')} hint={now ? t('tariffs.nowIs', { value: now.value }) : undefined} required />
      <Validity />
    </FormView>
  )
}

const add = <IconPlus size={14} />
export function NewPrice(props: { prices: readonly Price[]; done: () => void }) {
  const t = useT()
  return <DialogButton label={t('tariffs.newPrice')} buttonSize="xs" icon={add}>{(close) => <PriceForm {...props} close={close} />}</DialogButton>
}
export function NewNorm(props: { norms: readonly Norm[]; done: () => void }) {
  const t = useT()
  return <DialogButton label={t('tariffs.newNorm')} buttonSize="xs" icon={add}>{(close) => <NormForm {...props} close={close} />}</DialogButton>
}
export function NewSetting(props: { settings: readonly Setting[]; done: () => void }) {
  const t = useT()
  return <DialogButton label={t('tariffs.newSetting')} buttonSize="xs" icon={add}>{(close) => <SettingForm {...props} close={close} />}</DialogButton>
}

/** The second pair of eyes: never the person who proposed. */
export function ConfirmSetting({ setting, before, done }: { setting: Setting; before: Setting | undefined; done: () => void }) {
  const t = useT()
  const say = useSay()
  const viewer = useViewer()
  const format = useFormat()
  const words = useCodes()
  const act = useAct(confirmMutation)
  const [asking, setAsking] = useState(false)
  if (setting.proposedBy === viewer.login) return <Text size="xs" c="dimmed">{t('tariffs.waitsForOther')}</Text>
  const confirm = async () => {
    if (await act.run({ id: setting.id })) {
      say(t('tariffs.settingConfirmed'))
      done()
    }
  }
  return (
    <>
      <Button size="compact-sm" variant="default" loading={act.busy} onClick={() => setAsking(true)}>{t('tariffs.confirm')}</Button>
      <Refusals errors={act.errors} />
      <Confirm opened={asking} title={t('tariffs.confirmTitle', { code: words.setting(setting.code) })} yes={t('tariffs.confirm')} onYes={() => void confirm()} onClose={() => setAsking(false)}>
        <Figures
          rows={[
            { label: t('tariffs.now'), value: before ? words.settingValue(before.value) : '—' },
            { label: t('tariffs.next'), value: words.settingValue(setting.value), note: t('common.from', { from: format.shortDate(setting.from) }) },
            { label: t('tariffs.source'), value: setting.source, note: setting.proposedBy },
          ]}
        />
      </Confirm>
    </>
  )
}
