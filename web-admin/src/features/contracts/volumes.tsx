// Monthly volumes that a contract agrees for points that nothing measures.
import { Text } from '@mantine/core'
import {
  Changes, ChoiceField, DataTable, DialogButton, Empty, FieldRow, FormView, IconPlus, Section, TextField, useAct, useFinish, useForm, useFormat, type Picked,
} from '@aiscra/ui'
import { graphql } from '../../gql'
import { useToday } from '../../lib/can'
import { useDays } from '../../lib/days'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'
import { DocumentName } from '../archive/document-name'
import { usePointName } from '../subscribers/points'
import { Stands, type Contract, type ContractPoint } from './parts'

const agree = graphql(`
  mutation VolumeAgree($input: VolumeAgreeInput!) { volumeAgree(input: $input) { contract { id version } errors { code field message } } }
`)

/** Nothing where nothing is agreed and nothing could be. */
export function Volumes({ account, contracts, contract, points, writes, done }: {
  account: { number: string; sector: string }
  contracts: readonly Contract[]
  contract: Contract | undefined
  points: readonly ContractPoint[]
  writes: boolean
  done: () => void
}) {
  const t = useT()
  const format = useFormat()
  const days = useDays()
  const name = usePointName()
  const rows = contracts.flatMap((one) => one.volumes.map((volume) => ({ ...volume, contract: one.number })))
  const unmetered = points.filter((point) => !point.meter)
  const offered = writes && contract && unmetered.length > 0
  if (rows.length === 0 && !(offered && account.sector === 'LEGAL')) return null
  return (
    <Section
      flush title={t('volumes.title')}
      side={offered && (
        <DialogButton label={t('volumes.agree')} icon={<IconPlus size={14} />} buttonSize="xs">
          {(close) => <AgreeForm account={account} contract={contract} points={unmetered} close={close} done={done} />}
        </DialogButton>
      )}
    >
      <DataTable
        caption={t('volumes.title')} rows={rows} rowKey={(row) => `${row.contract} ${row.pointId} ${row.from}`} empty={<Empty title={t('volumes.none')}>{t('volumes.noneText')}</Empty>}
        columns={[
          { key: 'point', head: t('consumption.point'), cell: (row) => name(points.find((point) => point.id === row.pointId)) },
          { key: 'volume', head: t('volumes.monthly'), numeric: true, cell: (row) => format.volume(row.volume) },
          { key: 'days', head: t('contracts.days'), cell: (row) => <span className="tab">{days(row)}</span> },
          { key: 'source', head: t('limits.source'), cell: (row) => <div>{row.source ?? '—'}{row.documentId && <DocumentName id={row.documentId} />}</div> },
          { key: 'state', head: t('common.state'), cell: (row) => <Stands row={row} /> },
        ]}
      />
    </Section>
  )
}

function AgreeForm({ account, contract, points, close, done }: { account: { number: string }; contract: Contract; points: readonly ContractPoint[]; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const today = useToday()
  const finish = useFinish(close, done)
  const name = usePointName()
  const form = useForm({
    act: useAct(agree),
    start: { point: points[0]!.id, volume: '', from: contract.from > today ? contract.from : today, to: '', source: '', document: null as Picked | null },
    input: (read, values) => {
      const input = {
        contractId: contract.id, pointId: values.point, volume: read.decimalOrNull('volume', 3), from: read.text('from'), to: read.optional('to'), source: read.text('source'),
        documentId: read.picked('document'),
      }
      if (input.to && input.from && input.to < input.from) read.refuse('to', t('common.endsBefore'))
      return input
    },
    done: () => finish(t('volumes.saved')),
  })
  const { values } = form
  const before = contract.volumes.find((one) => one.pointId === values.point && one.from <= values.from && (!one.to || one.to >= values.from))
  const none = !values.volume.trim()
  return (
    <FormView
      form={form} submit={t('common.save')} cancel={close} danger={none}
      check={() => (
        <Changes
          title={t('volumes.check', { contract: contract.number, number: account.number })}
          rows={[
            { label: t('consumption.point'), from: '—', to: name(points.find((point) => point.id === values.point)) },
            { label: t('volumes.monthly'), from: before ? format.volume(before.volume) : t('volumes.nothing'), to: none ? t('volumes.nothing') : `${values.volume.trim()} ${t('limits.m3')}` },
            { label: t('common.fromDay'), from: before ? format.date(before.from) : '—', to: format.date(values.from) },
            { label: t('common.toDay'), from: '—', to: values.to ? format.date(values.to) : t('limits.toEnd') },
          ]}
          basis={values.document?.label ?? t('archive.withoutDocument')} note={t('common.decidesMoney')}
        />
      )}
    >
      <Text size="sm" c="dimmed">{t('volumes.text')}</Text>
      <ChoiceField name="point" label={t('consumption.point')} choices={points.map((point) => ({ value: point.id, label: name(point) }))} />
      <FieldRow>
        <TextField name="volume" label={t('volumes.monthly')} hint={t('volumes.hint')} mode="decimal" unit={t('limits.m3')} />
        <TextField name="from" label={t('common.fromDay')} kind="date" required />
        <TextField name="to" label={t('common.toDay')} hint={t('volumes.openEnd')} kind="date" />
      </FieldRow>
      <TextField name="source" label={t('limits.source')} hint={t('limits.sourceHint')} required />
      <DocumentField name="document" required />
    </FormView>
  )
}
