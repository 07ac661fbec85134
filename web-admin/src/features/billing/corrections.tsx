// Corrections of what was billed: prepared on a document, looked at, then posted; the list and the form that prepares one.
import { useState } from 'react'
import { Group, NativeSelect, Paper, Text } from '@mantine/core'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import {
  ChoiceField, Chip, DialogButton, Empty, FieldRow, FormView, IconPlus, PageHead, PagedTable, TextField, newKey, sign, useAct, useForm, useFormat, usePages, type Picked, type Tone,
} from '@aiscra/ui'
import { graphql, type CorrectionState, type Sector } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useDistricts } from '../../lib/districts'
import { useT } from '../../lib/i18n'
import { MonthField, monthsFrom } from '../../lib/month-field'
import { DocumentField } from '../archive/document-field'
import { TransfersAndDivisions } from '../payments/transfers'
import { BuildingField } from '../subscribers/building-field'

const query = graphql(`
  query Corrections($state: CorrectionState, $after: String) {
    corrections(state: $state, first: 50, after: $after) {
      nodes { id number state reason from to accounts changed owedMore owedLess createdBy createdAt }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const createMutation = graphql(`
  mutation CorrectionCreate($input: CorrectionCreateInput!) {
    correctionCreate(input: $input) { correction { id } errors { code field message } }
  }
`)

export const correctionTone: Record<CorrectionState, Tone> = {
  RECKONING: 'busy', PREVIEWED: 'warn', WAITING: 'warn', POSTING: 'busy', POSTED: 'good', REVERSING: 'busy', REVERSED: 'plain', STALE: 'bad', WITHDRAWN: 'plain',
}
const states: CorrectionState[] = ['RECKONING', 'PREVIEWED', 'WAITING', 'POSTING', 'POSTED', 'REVERSING', 'REVERSED', 'STALE', 'WITHDRAWN']
const sectors: Sector[] = ['MULTI', 'PRIVATE', 'LEGAL']
const route = getRouteApi('/corrections')

function CreateForm({ close }: { close: () => void }) {
  const t = useT()
  const can = useCan()
  const navigate = useNavigate()
  const districts = useDistricts()
  // The month that is open has nothing to correct yet: the one before is meant most often.
  const month = monthsFrom(useToday().slice(0, 7), -1)
  const [key] = useState(newKey)
  const form = useForm({
    act: useAct(createMutation),
    start: { documentId: null as Picked | null, reason: '', from: month, to: month, numbers: '', sector: '', district: '', building: null as Picked | null, stages: '1' },
    input: (read, values) => {
      const building = read.pickedOrNull('building')
      // An empty part would be the whole city: where nothing is chosen there is none.
      const part = values.sector || values.district || building
        ? { sector: (values.sector || null) as Sector | null, district: values.district || null, building }
        : null
      const input = {
        documentId: read.picked('documentId'), reason: read.text('reason'), from: read.text('from'), to: read.text('to'),
        numbers: read.optional('numbers'), part, stages: read.whole('stages'), idempotencyKey: key,
      }
      if (input.to < input.from) read.refuse('to', t('common.endsBefore'))
      if (!input.numbers && !input.part) read.refuse('numbers', t('corrections.whose'))
      return input
    },
    done: (payload) => {
      close()
      if (payload.correction) void navigate({ to: '/corrections/$id', params: { id: payload.correction.id } })
    },
  })
  return (
    <FormView form={form} submit={t('corrections.prepare')} cancel={close}>
      <Text size="sm" c="dimmed">{t('corrections.prepareText')}</Text>
      <DocumentField name="documentId" required />
      <TextField name="reason" label={t('corrections.reason')} kind="long" required />
      <FieldRow>
        <MonthField name="from" label={t('corrections.from')} back={36} required />
        <MonthField name="to" label={t('corrections.to')} back={36} required />
      </FieldRow>
      <TextField name="numbers" label={t('corrections.numbers')} hint={t('corrections.numbersHint')} kind="long" />
      <Text size="sm">{t('corrections.part')}</Text>
      <FieldRow>
        <ChoiceField name="sector" label={t('common.sector')} choices={[{ value: '', label: '—' }, ...sectors.map((value) => ({ value, label: t(`enum.Sector.${value}`) }))]} />
        <ChoiceField name="district" label={t('subscribers.district')} choices={[{ value: '', label: '—' }, ...districts]} />
      </FieldRow>
      {can('PREMISES_READ') && <BuildingField name="building" district={form.values.district} />}
      <TextField name="stages" label={t('corrections.stages')} hint={t('corrections.stagesHint')} mode="numeric" required />
    </FormView>
  )
}

export function Corrections() {
  const t = useT()
  const can = useCan()
  const format = useFormat()
  const codes = useCodes()
  const { state } = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: { state?: CorrectionState | undefined }) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const pages = usePages(query, { state: state ?? null }, (data) => data.corrections)
  return (
    <>
      <PageHead title={t('nav.corrections')} lead={t('corrections.lead')}>
        {can('CORRECTION_WRITE') && (
          <DialogButton label={t('corrections.new')} variant="filled" icon={<IconPlus size={16} />}>
            {(close) => <CreateForm close={close} />}
          </DialogButton>
        )}
      </PageHead>
      <Paper withBorder>
        <Group p="md" gap="sm" align="flex-end">
          <NativeSelect
            label={t('common.state')} value={state ?? ''} onChange={(event) => set({ state: (event.currentTarget.value || undefined) as CorrectionState | undefined })}
            data={[{ value: '', label: t('common.all') }, ...states.map((value) => ({ value, label: t(`enum.CorrectionState.${value}`) }))]}
          />
        </Group>
        <PagedTable
          caption={t('nav.corrections')} pages={pages} rowKey={(row) => row.id}
          empty={state ? <Empty title={t('corrections.noneHere')} /> : <Empty title={t('corrections.none')}>{t('corrections.noneText')}</Empty>}
          columns={[
            { key: 'number', head: t('corrections.number'), cell: (row) => <Link className="row-link tab" to="/corrections/$id" params={{ id: row.id }}>{`№\u00a0${row.number}`}</Link> },
            { key: 'state', head: t('common.state'), cell: (row) => <Chip tone={correctionTone[row.state]}>{t(`enum.CorrectionState.${row.state}`)}</Chip> },
            { key: 'reason', head: t('corrections.reason'), cell: (row) => <div>{row.reason}<Text size="xs" c="dimmed">{row.from === row.to ? format.period(row.from) : `${format.period(row.from)} – ${format.period(row.to)}`}</Text></div> },
            { key: 'accounts', head: t('corrections.changedOf'), numeric: true, cell: (row) => t('common.of', { done: format.count(row.changed), total: format.count(row.accounts) }) },
            { key: 'more', head: t('corrections.owedMore'), numeric: true, cell: (row) => (sign(row.owedMore) === 0 ? '—' : `+${format.money(row.owedMore)}`) },
            { key: 'less', head: t('corrections.owedLess'), numeric: true, cell: (row) => (sign(row.owedLess) === 0 ? '—' : `\u2212${format.money(row.owedLess)}`) },
            { key: 'who', head: t('corrections.createdBy'), cell: (row) => <div>{codes.actor(row.createdBy)}<Text size="xs" c="dimmed">{format.dateTime(row.createdAt)}</Text></div> },
          ]}
        />
      </Paper>
      <TransfersAndDivisions />
    </>
  )
}
