// Acts on the meter of a point: install, replace, verify, remove.
import { useCallback } from 'react'
import { Group, Text } from '@mantine/core'
import { useClient } from 'urql'
import { Changes, ChoiceField, DialogButton, FieldRow, FormView, LookupField, TextField, useAct, useFinish, useForm, useFormat, type Picked } from '@aiscra/ui'
import { graphql, type RemovalReason, type VerificationResult } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { AmendButton } from '../amendments/form'
import { DocumentField } from '../archive/document-field'

const modelsQuery = graphql(`
  query MeterModels { meterModels(first: 100) { nodes { id name manufacturer digits diameterMm } } }
`)
const install = graphql(`
  mutation MeterInstall($input: MeterInstallInput!) { meterInstall(input: $input) { meter { id serial } errors { code field message } } }
`)
const replace = graphql(`
  mutation MeterReplace($input: MeterReplaceInput!) { meterReplace(input: $input) { meter { id serial } errors { code field message } } }
`)
const remove = graphql(`
  mutation MeterRemove($input: MeterRemoveInput!) { meterRemove(input: $input) { meter { id removedOn } errors { code field message } } }
`)
const verify = graphql(`
  mutation MeterVerify($input: MeterVerifyInput!) { meterVerify(input: $input) { meter { id verifiedUntil } errors { code field message } } }
`)

export interface PointOfMeter {
  id: string
  hot: boolean
  meter?: { id: string; serial: string; verifiedUntil?: string | null } | null
  lastReading?: { value: string } | null
}
interface FormProps {
  point: PointOfMeter
  close: () => void
  done: () => void
}

function ModelField() {
  const t = useT()
  const client = useClient()
  const find = useCallback(
    async (words: string) => {
      const answer = await client.query(modelsQuery, {}).toPromise()
      return (answer.data?.meterModels.nodes ?? [])
        .filter((one) => `${one.manufacturer} ${one.name}`.toLowerCase().includes(words.toLowerCase()))
        .slice(0, 12)
        .map((one) => ({ id: one.id, label: t('meters.model', { name: one.name, maker: one.manufacturer, digits: one.digits, size: one.diameterMm }) }))
    },
    [client, t],
  )
  return <LookupField name="modelId" label={t('meters.modelLabel')} required find={find} />
}

/** The fields of a new meter. */
function NewMeter({ dayName }: { dayName: string }) {
  const t = useT()
  return (
    <>
      <ModelField />
      <FieldRow>
        <TextField name="serial" label={t('meters.serial')} required />
        <TextField name="seal" label={t('meters.seal')} />
      </FieldRow>
      <FieldRow>
        <TextField name={dayName} label={t('meters.installedOn')} kind="date" required />
        <TextField name="value" label={t('meters.firstValue')} mode="decimal" unit="м³" required />
        <TextField name="verifiedUntil" label={t('subscribers.verifiedUntil')} kind="date" required />
      </FieldRow>
      <DocumentField name="document" hint={t('meters.actHint')} />
    </>
  )
}
// What decides money is typed by whoever holds the paper: nothing of it is there before.
const fresh = () => ({ modelId: null as Picked | null, serial: '', seal: '', value: '', verifiedUntil: '', document: null as Picked | null })

function InstallForm({ point, close, done }: FormProps) {
  const t = useT()
  const finish = useFinish(close, done)
  const today = useToday()
  const form = useForm({
    act: useAct(install),
    start: { ...fresh(), installedOn: today },
    input: (read) => ({
      pointId: point.id, modelId: read.picked('modelId'), serial: read.text('serial'), seal: read.optional('seal'), installedOn: read.text('installedOn'),
      value: read.decimal('value', 3), verifiedUntil: read.text('verifiedUntil'), documentId: read.pickedOrNull('document'),
    }),
    done: (payload) => finish(t('meters.installed', { serial: payload.meter?.serial ?? '' })),
  })
  return <FormView form={form} submit={t('meters.install')} cancel={close}><NewMeter dayName="installedOn" /></FormView>
}

function ReplaceForm({ point, close, done }: FormProps) {
  const t = useT()
  const finish = useFinish(close, done)
  const format = useFormat()
  const today = useToday()
  const form = useForm({
    act: useAct(replace),
    start: { ...fresh(), removedOn: today, finalValue: '' },
    input: (read) => ({
      pointId: point.id, modelId: read.picked('modelId'), serial: read.text('serial'), seal: read.optional('seal'), removedOn: read.text('removedOn'),
      finalValue: read.decimal('finalValue', 3), value: read.decimal('value', 3), verifiedUntil: read.text('verifiedUntil'), documentId: read.pickedOrNull('document'),
    }),
    done: (payload) => finish(t('meters.installed', { serial: payload.meter?.serial ?? '' })),
  })
  const { values } = form
  return (
    <FormView
      form={form} submit={t('meters.replace')} cancel={close}
      check={() => t('meters.replaceCheck', { old: point.meter?.serial ?? '', final: values.finalValue, serial: values.serial, first: values.value, date: format.date(values.removedOn) })}
    >
      <TextField
        name="finalValue" label={t('meters.finalValue', { serial: point.meter?.serial ?? '' })} mode="decimal" unit="м³" required
        hint={point.lastReading ? t('meters.lastWas', { value: format.volume(point.lastReading.value) }) : undefined}
      />
      <NewMeter dayName="removedOn" />
    </FormView>
  )
}

// Another meter in its place is an act of its own.
const reasons: RemovalReason[] = ['VERIFICATION', 'FAULT', 'WITHDRAWN']
const away: RemovalReason[] = ['VERIFICATION', 'FAULT']

function RemoveForm({ point, close, done }: FormProps) {
  const t = useT()
  const finish = useFinish(close, done)
  const format = useFormat()
  const today = useToday()
  const form = useForm({
    act: useAct(remove),
    start: { removedOn: today, value: '', reason: '' as RemovalReason | '', document: null as Picked | null },
    input: (read) => ({
      meterId: point.meter!.id, removedOn: read.text('removedOn'), value: read.decimal('value', 3), reason: read.text('reason') as RemovalReason,
      documentId: read.pickedOrNull('document'),
    }),
    done: () => finish(t('meters.removed', { serial: point.meter!.serial })),
  })
  return (
    <FormView
      form={form} submit={t('meters.remove')} cancel={close} danger
      check={() => t(away.includes(form.values.reason as RemovalReason) ? 'meters.removeAway' : 'meters.removeCheck', { serial: point.meter!.serial, date: format.date(form.values.removedOn), value: form.values.value })}
    >
      <ChoiceField name="reason" label={t('meters.reason')} required choices={[{ value: '', label: '—' }, ...reasons.map((value) => ({ value, label: t(`enum.RemovalReason.${value}`) }))]} />
      <FieldRow>
        <TextField name="removedOn" label={t('meters.removedOn')} kind="date" required />
        <TextField
          name="value" label={t('meters.finalValue', { serial: point.meter!.serial })} mode="decimal" unit="м³" required
          hint={point.lastReading ? t('meters.lastWas', { value: format.volume(point.lastReading.value) }) : undefined}
        />
      </FieldRow>
      <DocumentField name="document" hint={t('meters.actHint')} />
    </FormView>
  )
}

function VerifyForm({ point, close, done }: FormProps) {
  const t = useT()
  const finish = useFinish(close, done)
  const format = useFormat()
  const can = useCan()
  const now = point.meter?.verifiedUntil
  // Whoever cannot look documents up, an inspector in the field, says so on the page that asks once more.
  const looks = can('DOCUMENT_READ')
  const form = useForm({
    act: useAct(verify),
    start: { result: 'FIT' as VerificationResult, verifiedOn: '', validUntil: '', document: null as Picked | null },
    input: (read, values) => {
      if (values.result === 'FIT' && now && values.validUntil === now) read.refuse('validUntil', t('common.nothingChanges'))
      return {
        meterId: point.meter!.id, result: values.result as VerificationResult, verifiedOn: read.text('verifiedOn'),
        validUntil: values.result === 'UNFIT' ? null : read.optional('validUntil'),
        documentId: looks ? read.picked('document') : read.pickedOrNull('document'),
      }
    },
    done: (payload) => finish(t('meters.verified', { date: payload.meter?.verifiedUntil ? format.date(payload.meter.verifiedUntil) : '' })),
  })
  const { values } = form
  const unfit = values.result === 'UNFIT'
  return (
    <FormView
      form={form} submit={t('meters.verify')} cancel={close} danger={unfit}
      check={() => (
        <Changes
          title={t('meters.verifyCheck', { serial: point.meter!.serial })}
          rows={[
            { label: t('subscribers.verifiedUntil'), from: now ? format.date(now) : '—', to: unfit ? t('meters.unfit', { date: format.date(values.verifiedOn) }) : values.validUntil ? format.date(values.validUntil) : t('meters.byModel', { date: format.date(values.verifiedOn) }) },
          ]}
          basis={values.document?.label ?? t('archive.withoutDocument')} note={t('common.decidesMoney')}
        />
      )}
    >
      {now && <Text size="sm">{t('meters.verifiedNow', { date: format.date(now) })}</Text>}
      <ChoiceField name="result" label={t('meters.result')} hint={unfit ? t('meters.unfitHint') : undefined} choices={(['FIT', 'UNFIT'] as const).map((value) => ({ value, label: t(`enum.VerificationResult.${value}`) }))} />
      <FieldRow>
        <TextField name="verifiedOn" label={t('meters.verifiedOn')} kind="date" required />
        {!unfit && <TextField name="validUntil" label={t('subscribers.verifiedUntil')} kind="date" hint={t('meters.validHint')} />}
      </FieldRow>
      <DocumentField name="document" required />
    </FormView>
  )
}

export function MeterActs({ point, done }: { point: PointOfMeter; done: () => void }) {
  const t = useT()
  const can = useCan()
  const title = (words: string) => `${words}: ${point.hot ? t('subscribers.hotWater') : t('subscribers.coldWater')}`
  if (!point.meter) {
    return (
      <DialogButton label={t('meters.install')} title={title(t('meters.install'))} buttonSize="compact-sm">
        {(close) => <InstallForm point={point} close={close} done={done} />}
      </DialogButton>
    )
  }
  return (
    <Group gap={6}>
      <DialogButton label={t('meters.verify')} title={title(t('meters.verify'))} buttonSize="compact-sm">
        {(close) => <VerifyForm point={point} close={close} done={done} />}
      </DialogButton>
      <DialogButton label={t('meters.replace')} title={title(t('meters.replace'))} buttonSize="compact-sm">
        {(close) => <ReplaceForm point={point} close={close} done={done} />}
      </DialogButton>
      <DialogButton label={t('meters.remove')} title={title(t('meters.remove'))} buttonSize="compact-sm">
        {(close) => <RemoveForm point={point} close={close} done={done} />}
      </DialogButton>
      {can('CORRECTION_WRITE') && <AmendButton preset={{ installations: [point.meter.id] }} what={t('amendments.ofInstallation', { serial: point.meter.serial })} />}
    </Group>
  )
}
