// New versions of what decides money: a price, a norm, a setting. Each needs an official document, says its source, is proposed by
// one person and decided by another.
import { useState } from 'react'
import { Button, Group, Stack, Text } from '@mantine/core'
import {
  ChoiceField, Chip, Confirm, DialogButton, FieldRow, Figures, FormView, IconPlus, Problem, Refusals, TextField, useAct, useFinish, useForm, useFormat, useSay, type Act, type Picked,
} from '@aiscra/ui'
import { graphql, type Amenity, type BandMode, type ConsumerGroup, type Service, type SettingsQuery, type TariffsQuery } from '../../gql'
import { amenities } from '../../lib/amenities'
import { useCan, useToday, useViewer } from '../../lib/can'
import { DaysFields } from '../../lib/days-fields'
import { useT } from '../../lib/i18n'
import { Who } from '../../lib/who'
import { DocumentField } from '../archive/document-field'
import { Days, useVersion, type Proposal } from './version'

const priceMutation = graphql(`
  mutation PricePropose($input: PriceProposeInput!) { pricePropose(input: $input) { proposal { id } errors { code field message } } }
`)
const normMutation = graphql(`
  mutation NormPropose($input: NormProposeInput!) { normPropose(input: $input) { proposal { id } errors { code field message } } }
`)
const vatMutation = graphql(`
  mutation VatPropose($input: VatProposeInput!) { vatPropose(input: $input) { proposal { id } errors { code field message } } }
`)
const bandsMutation = graphql(`
  mutation BandsPropose($input: BandsProposeInput!) { bandsPropose(input: $input) { proposal { id } errors { code field message } } }
`)
const suspendMutation = graphql(`
  mutation SuspensionPropose($input: SuspensionProposeInput!) { suspensionPropose(input: $input) { proposal { id } errors { code field message } } }
`)
const proposeMutation = graphql(`
  mutation SettingPropose($input: SettingProposeInput!) { settingPropose(input: $input) { setting { id } errors { code field message } } }
`)
const confirmMutation = graphql(`
  mutation SettingConfirm($input: SettingConfirmInput!) { settingConfirm(input: $input) { setting { id confirmedBy confirmedAt } errors { code field message } } }
`)

const declineSetting = graphql(`
  mutation SettingDecline($input: SettingDeclineInput!) { settingDecline(input: $input) { setting { id declinedBy declineReason } errors { code field message } } }
`)

const confirmTariff = graphql(`
  mutation TariffConfirm($input: TariffConfirmInput!) { tariffConfirm(input: $input) { proposal { id state decidedBy } errors { code field message } } }
`)
const declineTariff = graphql(`
  mutation TariffDecline($input: TariffDeclineInput!) { tariffDecline(input: $input) { proposal { id state decidedBy } errors { code field message } } }
`)

export type Setting = SettingsQuery['settings']['nodes'][number]
type Price = TariffsQuery['prices'][number]
type Norm = TariffsQuery['norms'][number]
const services: Service[] = ['WATER', 'SEWERAGE_COLD', 'SEWERAGE_HOT']
const groups: ConsumerGroup[] = ['POPULATION', 'OTHER', 'BUDGET']

/** From when until when, and on whose word. */
function Validity() {
  const t = useT()
  return (
    <>
      <DaysFields />
      <TextField name="source" label={t('tariffs.source')} hint={t('tariffs.sourceHint')} required />
      <DocumentField name="document" required />
    </>
  )
}
const validity = (today: string) => ({ from: today, to: '', source: '', document: null as Picked | null })

function PriceForm({ prices, close, done }: { prices: readonly Price[]; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const format = useFormat()
  const form = useForm({
    act: useAct(priceMutation),
    start: { service: 'WATER', consumerGroup: 'POPULATION', net: '', ...validity(useToday()) },
    input: (read, values) => ({
      service: values.service as Service, consumerGroup: values.consumerGroup as ConsumerGroup, net: read.decimal('net', 4),
      from: read.text('from'), to: read.optional('to'), source: read.text('source'), documentId: read.picked('document'),
    }),
    done: () => finish(t('tariffs.proposed')),
  })
  const { values } = form
  const old = prices.find((one) => one.service === values.service && one.consumerGroup === values.consumerGroup)
  return (
    <FormView
      form={form} submit={t('tariffs.propose')} cancel={close}
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
  const finish = useFinish(close, done)
  const format = useFormat()
  const form = useForm({
    act: useAct(normMutation),
    start: { amenity: 'HOUSEHOLD', service: 'WATER', volume: '', ...validity(useToday()) },
    input: (read, values) => ({
      amenity: values.amenity as Amenity, service: values.service as Service, volume: read.decimal('volume', 3),
      from: read.text('from'), to: read.optional('to'), source: read.text('source'), documentId: read.picked('document'),
    }),
    done: () => finish(t('tariffs.proposed')),
  })
  const { values } = form
  const old = norms.find((one) => one.service === values.service && one.amenity === values.amenity)
  return (
    <FormView form={form} submit={t('tariffs.propose')} cancel={close}>
      <Text size="sm" c="dimmed">{t('tariffs.fourEyes')}</Text>
      <FieldRow>
        <ChoiceField name="amenity" label={t('subscribers.amenity')} choices={amenities.map((value) => ({ value, label: t(`enum.Amenity.${value}`) }))} />
        <ChoiceField name="service" label={t('billing.service')} choices={services.map((value) => ({ value, label: t(`enum.Service.${value}`) }))} />
      </FieldRow>
      <TextField name="volume" label={t('tariffs.perPerson')} mode="decimal" unit="м³" hint={old ? t('tariffs.nowIs', { value: format.volume(old.volume) }) : undefined} required />
      <Validity />
    </FormView>
  )
}

function VatForm({ close, done }: { close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const format = useFormat()
  const form = useForm({
    act: useAct(vatMutation),
    start: { percent: '', ...validity(useToday()) },
    input: (read) => {
      // Typed as 16, kept as 0.16.
      const percent = read.decimal('percent', 2)
      return {
        rate: percent && (Number(percent) / 100).toFixed(4), from: read.text('from'), to: read.optional('to'), source: read.text('source'), documentId: read.picked('document'),
      }
    },
    done: () => finish(t('tariffs.proposed')),
  })
  return (
    <FormView form={form} submit={t('tariffs.propose')} cancel={close} check={() => t('tariffs.vatCheck', { rate: form.values.percent, date: format.date(form.values.from) })}>
      <TextField name="percent" label={t('tariffs.rate')} mode="decimal" unit="%" required />
      <Validity />
    </FormView>
  )
}

const bandNumbers = [1, 2, 3, 4] as const
/** Up to four bands in rising order; the last one has no bound. */
function BandsForm({ close, done }: { close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const format = useFormat()
  const form = useForm({
    act: useAct(bandsMutation),
    start: {
      mode: 'WHOLE', upto1: '3', upto2: '5', upto3: '10', upto4: '', coefficient1: '1', coefficient2: '1.2', coefficient3: '1.5', coefficient4: '2', ...validity(useToday()),
    },
    input: (read, values) => {
      const used = bandNumbers.filter((number) => values[`coefficient${number}`].trim())
      return {
        mode: values.mode as BandMode, from: read.text('from'), to: read.optional('to'), source: read.text('source'), documentId: read.picked('document'),
        bands: used.map((number, index) => ({
          coefficient: read.decimal(`coefficient${number}`, 4),
          upto: index === used.length - 1 && !values[`upto${number}`].trim() ? null : read.decimal(`upto${number}`, 3),
        })),
      }
    },
    done: () => finish(t('tariffs.proposed')),
  })
  return (
    <FormView form={form} submit={t('tariffs.propose')} cancel={close} check={() => t('tariffs.bandsCheck', { date: format.date(form.values.from) })}>
      <ChoiceField name="mode" label={t('tariffs.mode')} choices={(['WHOLE', 'MARGINAL'] as const).map((value) => ({ value, label: t(`enum.BandMode.${value}`) }))} />
      {bandNumbers.map((number) => (
        <FieldRow key={number}>
          <TextField name={`upto${number}`} label={t('tariffs.bandUpto', { number })} mode="decimal" unit="м³" {...(number === 4 ? { hint: t('tariffs.bandLast') } : {})} />
          <TextField name={`coefficient${number}`} label={t('tariffs.bandCoefficient', { number })} mode="decimal" {...(number === 4 ? { hint: t('tariffs.bandNone') } : {})} />
        </FieldRow>
      ))}
      <Validity />
    </FormView>
  )
}

function SuspendForm({ close, done }: { close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const format = useFormat()
  const form = useForm({
    act: useAct(suspendMutation),
    start: validity(useToday()),
    input: (read) => ({ from: read.text('from'), to: read.optional('to'), source: read.text('source'), documentId: read.picked('document') }),
    done: () => finish(t('tariffs.proposed')),
  })
  return (
    <FormView form={form} submit={t('tariffs.propose')} cancel={close} danger check={() => t('tariffs.suspendCheck', { date: format.date(form.values.from) })}>
      <Validity />
    </FormView>
  )
}

function SettingForm({ settings, close, done }: { settings: readonly Setting[]; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const codes = [...new Set(settings.map((one) => one.code))].toSorted()
  const form = useForm({
    act: useAct(proposeMutation),
    start: { code: codes[0] ?? '', value: '', ...validity(useToday()) },
    input: (read, values) => ({
      code: values.code, value: read.text('value'), from: read.text('from'), to: read.optional('to'), source: read.text('source'), documentId: read.picked('document'),
    }),
    done: () => finish(t('tariffs.settingProposed')),
  })
  const now = settings.find((one) => one.code === form.values.code && one.to == null)
  return (
    <FormView form={form} submit={t('tariffs.propose')} cancel={close}>
      <Text size="sm" c="dimmed">{t('tariffs.fourEyes')}</Text>
      <ChoiceField name="code" label={t('tariffs.code')} choices={codes.map((value) => ({ value, label: settings.find((one) => one.code === value)?.name ?? value }))} />
      <TextField name="value" label={t('tariffs.value')} hint={now ? t('tariffs.nowIs', { value: now.valueName }) : undefined} required />
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
export function NewVat({ done }: { done: () => void }) {
  const t = useT()
  return <DialogButton label={t('tariffs.newVat')} buttonSize="xs" icon={add}>{(close) => <VatForm close={close} done={done} />}</DialogButton>
}
export function BandActs({ done }: { done: () => void }) {
  const t = useT()
  return (
    <>
      <DialogButton label={t('tariffs.newBands')} buttonSize="xs" icon={add}>{(close) => <BandsForm close={close} done={done} />}</DialogButton>
      <DialogButton label={t('tariffs.suspend')} buttonSize="xs">{(close) => <SuspendForm close={close} done={done} />}</DialogButton>
    </>
  )
}
export function NewSetting(props: { settings: readonly Setting[]; done: () => void }) {
  const t = useT()
  return <DialogButton label={t('tariffs.newSetting')} buttonSize="xs" icon={add}>{(close) => <SettingForm {...props} close={close} />}</DialogButton>
}

/** The second pair of eyes on a value of a setting. */
export function DecideSetting({ setting, before, done }: { setting: Setting; before: Setting | undefined; done: () => void }) {
  const t = useT()
  const format = useFormat()
  return (
    <Decide
      id={setting.id} by={setting.proposedBy} confirm={useAct(confirmMutation)} decline={useAct(declineSetting)} done={done}
      title={t('tariffs.confirmTitle', { code: setting.name })} confirmed={t('tariffs.settingConfirmed')}
      rows={[
        { label: t('tariffs.now'), value: before ? before.valueName : '—' },
        { label: t('tariffs.next'), value: setting.valueName, note: t('common.from', { from: format.shortDate(setting.from) }) },
        { label: t('tariffs.source'), value: setting.source, note: <Who by={setting.proposedBy} /> },
      ]}
    />
  )
}

/** The second pair of eyes on a tariff: what gives way to what, then yes or no. */
export function DecideTariff({ proposal, done }: { proposal: Proposal; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const words = useVersion()
  const { version } = proposal
  return (
    <Decide
      id={proposal.id} by={proposal.proposedBy} confirm={useAct(confirmTariff)} decline={useAct(declineTariff)} done={done}
      title={t('tariffs.confirmTariff')} confirmed={t('tariffs.tariffConfirmed')}
      rows={[
        { label: t('tariffs.what'), value: words.name(version) },
        { label: t('tariffs.next'), value: words.value(version), note: <Days of={version} /> },
        ...(proposal.replaces.length === 0 ? [{ label: t('tariffs.gives'), value: t('tariffs.givesNone') }] : []),
        ...proposal.replaces.map((old) => ({ label: t('tariffs.gives'), value: words.value(old), note: <Days of={old} /> })),
        ...(proposal.closedBefore ? [{ label: t('tariffs.closedDays'), value: t('tariffs.closedBefore', { date: format.shortDate(proposal.closedBefore) }) }] : []),
        { label: t('tariffs.source'), value: version.source, note: version.document && t('archive.numbered', { number: version.document.number }) },
        { label: t('tariffs.proposedWho'), value: <Who by={proposal.proposedBy} />, note: format.dateTime(proposal.proposedAt) },
      ]}
    />
  )
}

interface Deciding {
  id: string
  /** Who proposed it: may only take it back. */
  by: string
  decline: Act<unknown, { id: string; reason?: string }>
  done: () => void
}

function Decide({ id, by, title, confirmed, rows, confirm, decline, done }: Deciding & {
  title: string
  confirmed: string
  rows: Parameters<typeof Figures>[0]['rows']
  confirm: Act<unknown, { id: string }>
}) {
  const t = useT()
  const say = useSay()
  const viewer = useViewer()
  const can = useCan()
  const [asking, setAsking] = useState<'confirm' | 'withdraw' | null>(null)
  const finish = (text: string) => {
    say(text)
    done()
  }
  const yes = async () => {
    if (await confirm.run({ id })) finish(confirmed)
  }
  const back = async () => {
    if (await decline.run({ id })) finish(t('tariffs.withdrawn'))
  }
  if (by === viewer.login) {
    return (
      <Stack gap={4} align="flex-start">
        <Text size="xs" c="dimmed">{t('tariffs.waitsForOther')}</Text>
        {can('TARIFF_WRITE') && <Button size="compact-sm" variant="default" loading={decline.busy} onClick={() => setAsking('withdraw')}>{t('tariffs.withdraw')}</Button>}
        <Refusals errors={decline.errors} />
        {decline.broken && <Problem error={decline.broken} />}
        <Confirm opened={asking === 'withdraw'} title={t('tariffs.withdrawTitle')} yes={t('tariffs.withdraw')} danger onYes={() => void back()} onClose={() => setAsking(null)}>
          <Text size="sm">{t('tariffs.withdrawCheck')}</Text>
        </Confirm>
      </Stack>
    )
  }
  if (!can('SETTING_CONFIRM')) return <Chip tone="warn">{t('tariffs.waits')}</Chip>
  return (
    <Stack gap={4} align="flex-start">
      <Group gap={6} wrap="nowrap">
        <Button size="compact-sm" loading={confirm.busy} onClick={() => setAsking('confirm')}>{t('tariffs.confirm')}</Button>
        <DialogButton label={t('tariffs.decline')} title={t('tariffs.declineTitle')} buttonSize="compact-sm">
          {(close) => <DeclineForm id={id} by={by} decline={decline} close={close} done={done} />}
        </DialogButton>
      </Group>
      <Refusals errors={confirm.errors} />
      {confirm.broken && <Problem error={confirm.broken} />}
      <Confirm opened={asking === 'confirm'} title={title} yes={t('tariffs.confirm')} onYes={() => void yes()} onClose={() => setAsking(null)}>
        <Figures rows={rows} />
      </Confirm>
    </Stack>
  )
}

function DeclineForm({ id, by, decline, close, done }: Deciding & { close: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: decline,
    start: { reason: '' },
    input: (read) => ({ id, reason: read.text('reason') }),
    done: () => finish(t('tariffs.declined')),
  })
  return (
    <FormView form={form} submit={t('tariffs.decline')} cancel={close}>
      <TextField name="reason" label={t('tariffs.declineReason')} hint={t('tariffs.declineHint', { who: by })} kind="long" required />
    </FormView>
  )
}
