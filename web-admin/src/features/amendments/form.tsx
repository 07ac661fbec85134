// The form that prepares a batch of amendments: of rows that were picked elsewhere, of a filter, or of a pasted list of changes.
import { useState } from 'react'
import { SegmentedControl, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { ChoiceField, DialogButton, FieldRow, FormView, IconUndo, TextField, newKey, useAct, useForm, type Picked } from '@aiscra/ui'
import { graphql, type AmendmentCreateInput, type AmendmentFact, type Sector } from '../../gql'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'

const createMutation = graphql(`
  mutation AmendmentCreate($input: AmendmentCreateInput!) {
    amendmentCreate(input: $input) { amendment { id } errors { code field message } }
  }
`)

/** What was picked elsewhere. */
export type Preset = Pick<AmendmentCreateInput, 'readings' | 'payments' | 'residencies' | 'verifications' | 'installations' | 'importId'>
type Kind = 'changes' | 'filter'
const facts: AmendmentFact[] = ['READING', 'PAYMENT', 'RESIDENTS', 'VERIFICATION', 'INSTALLATION']
const sectors: Sector[] = ['MULTI', 'PRIVATE', 'LEGAL']

export function AmendForm({ preset, what, close }: { preset?: Preset; what?: string; close: () => void }) {
  const t = useT()
  const navigate = useNavigate()
  const [key] = useState(newKey)
  const [kind, setKind] = useState<Kind>('changes')
  const form = useForm({
    act: useAct(createMutation),
    start: { documentId: null as Picked | null, reason: '', changes: '', fact: 'READING', sector: '', enteredBy: '', from: '', to: '' },
    input: (read, values) => ({
      ...preset, documentId: read.picked('documentId'), reason: read.text('reason'), idempotencyKey: key,
      changes: preset || kind !== 'changes' ? null : read.text('changes'),
      filter: preset || kind !== 'filter' ? null : {
        fact: values.fact as AmendmentFact, sector: (values.sector || null) as Sector | null, enteredBy: read.optional('enteredBy'),
        from: read.optional('from'), to: read.optional('to'),
      },
    }),
    done: (payload) => {
      close()
      if (payload.amendment) void navigate({ to: '/amendments/$id', params: { id: payload.amendment.id } })
    },
  })
  return (
    <FormView form={form} submit={t('amendments.prepare')} cancel={close}>
      <Text size="sm" c="dimmed">{t('amendments.prepareText')}</Text>
      {what && <Text size="sm">{what}</Text>}
      <DocumentField name="documentId" required />
      <TextField name="reason" label={t('corrections.reason')} hint={t('amendments.reasonHint')} kind="long" required />
      {!preset && (
        <SegmentedControl
          value={kind} onChange={(value) => setKind(value as Kind)} aria-label={t('amendments.kind')}
          data={[{ value: 'changes', label: t('amendments.byList') }, { value: 'filter', label: t('amendments.byFilter') }]}
        />
      )}
      {!preset && kind === 'changes' && <TextField name="changes" label={t('amendments.changes')} hint={t('amendments.changesHint')} kind="long" required />}
      {!preset && kind === 'filter' && (
        <>
          <FieldRow>
            <ChoiceField name="fact" label={t('amendments.fact')} choices={facts.map((value) => ({ value, label: t(`enum.AmendmentFact.${value}`) }))} />
            <ChoiceField name="sector" label={t('common.sector')} choices={[{ value: '', label: t('amendments.anySector') }, ...sectors.map((value) => ({ value, label: t(`enum.Sector.${value}`) }))]} />
          </FieldRow>
          <TextField name="enteredBy" label={t('amendments.enteredBy')} hint={t('amendments.enteredByHint')} />
          <FieldRow>
            <TextField name="from" label={t('amendments.from')} kind="date" />
            <TextField name="to" label={t('amendments.to')} kind="date" />
          </FieldRow>
        </>
      )}
    </FormView>
  )
}

/** Removes one thing that was picked, on a document. */
export function AmendButton({ preset, what }: { preset: Preset; what: string }) {
  const t = useT()
  return (
    <DialogButton label={t('amendments.remove')} title={t('amendments.removeTitle')} variant="subtle" buttonSize="compact-xs" icon={<IconUndo size={14} />}>
      {(close) => <AmendForm preset={preset} what={what} close={close} />}
    </DialogButton>
  )
}
