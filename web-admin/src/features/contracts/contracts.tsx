// The contracts of an account, what they limit and what they agree: the register, its acts, and how much of a limit is used.
import { Alert, Stack, Text } from '@mantine/core'
import { useQuery } from 'urql'
import {
  Changes, ChoiceField, DataTable, DialogButton, Empty, FieldRow, FormView, IconPlus, Problem, Section, TextField, Waiting, useAct, useFinish, useForm, useFormat, type Picked,
} from '@aiscra/ui'
import { graphql, type ContractKind, type Sector } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useDays } from '../../lib/days'
import { DaysFields } from '../../lib/days-fields'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'
import { Limits } from './limits'
import { Stands, stands, type Contract } from './parts'
import { Volumes } from './volumes'

const query = graphql(`
  query AccountContracts($id: ID!) {
    account(id: $id) {
      id
      contracts {
        id number kind signedOn from to version party { id name }
        limits { service premiseId pointId monthly yearly from to source documentId }
        volumes { pointId volume from to source documentId }
      }
      points { id hot water sewerage premise { id address } meter { id serial } }
    }
  }
`)
const sign = graphql(`
  mutation ContractSign($input: ContractSignInput!) { contractSign(input: $input) { contract { id number version } errors { code field message } } }
`)
const terminate = graphql(`
  mutation ContractTerminate($input: ContractTerminateInput!) { contractTerminate(input: $input) { contract { id to version } errors { code field message } } }
`)

interface Props {
  account: { id: string; number: string; sector: Sector; status: string; holder?: { name: string } | null }
  refresh: () => void
}
const kinds: ContractKind[] = ['INDIVIDUAL', 'PUBLIC']

export function Contracts({ account, refresh }: Props) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const today = useToday()
  const days = useDays()
  const [result, refetch] = useQuery({ query, variables: { id: account.id } })
  const again = () => {
    refetch({ requestPolicy: 'network-only' })
    refresh()
  }
  if (result.error) return <Problem error={result.error} retry={again} />
  if (!result.data?.account) return <Waiting lines={3} />
  const { contracts, points } = result.data.account
  const writes = can('CONTRACT_WRITE') && account.status === 'ACTIVE'
  // What may be agreed on: the contract of today, else the one that begins next.
  const contract = contracts.find((one) => stands(one, today) === 'now') ?? contracts.findLast((one) => stands(one, today) === 'ahead')
  return (
    <>
      <Section
        flush title={t('contracts.title')}
        side={writes && <DialogButton label={t('contracts.sign')} icon={<IconPlus size={14} />} buttonSize="xs">{(close) => <SignForm account={account} close={close} done={again} />}</DialogButton>}
      >
        <DataTable
          caption={t('contracts.title')} rows={contracts} rowKey={(row) => row.id} empty={<Empty title={t('contracts.none')}>{t('contracts.noneText')}</Empty>}
          columns={[
            { key: 'number', head: t('contracts.number'), cell: (row) => <div className="tab">{row.number}<Text size="xs" c="dimmed">{t(`enum.ContractKind.${row.kind}`)}</Text></div> },
            { key: 'party', head: t('subscribers.holder'), cell: (row) => row.party.name },
            { key: 'signed', head: t('contracts.signedOn'), cell: (row) => <span className="tab">{format.shortDate(row.signedOn)}</span> },
            { key: 'days', head: t('contracts.days'), cell: (row) => <span className="tab">{days(row)}</span> },
            { key: 'state', head: t('common.state'), cell: (row) => <Stands row={row} /> },
            ...(writes
              ? [{
                  key: 'acts', head: <span className="unseen">{t('common.acts')}</span>,
                  cell: (row: Contract) => (!row.to || row.to > today) && (
                    <DialogButton label={t('contracts.terminate')} title={t('contracts.terminateTitle', { number: row.number })} buttonSize="compact-sm">
                      {(close) => <TerminateForm contract={row} close={close} done={again} />}
                    </DialogButton>
                  ),
                }]
              : []),
          ]}
        />
      </Section>
      {account.sector === 'LEGAL' && <Limits account={account} contracts={contracts} contract={contract} points={points} writes={writes} done={again} />}
      <Volumes account={account} contracts={contracts} contract={contract} points={points} writes={writes} done={again} />
    </>
  )
}

function SignForm({ account, close, done }: { account: Props['account']; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const today = useToday()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(sign),
    start: { number: '', kind: account.sector === 'LEGAL' ? 'INDIVIDUAL' : 'PUBLIC', signedOn: today, from: today, to: '', document: null as Picked | null },
    input: (read, values) => {
      const input = {
        accountId: account.id, number: read.text('number'), kind: values.kind as ContractKind, signedOn: read.text('signedOn'), from: read.text('from'),
        to: read.optional('to'), documentId: read.pickedOrNull('document'),
      }
      if (input.to && input.from && input.to < input.from) read.refuse('to', t('common.endsBefore'))
      return input
    },
    done: (payload) => finish(t('contracts.signed', { number: payload.contract?.number ?? '' })),
  })
  const { values } = form
  return (
    <FormView
      form={form} submit={t('contracts.sign')} cancel={close}
      check={() => (
        <Changes
          title={t('contracts.signCheck', { number: account.number })}
          rows={[
            { label: t('contracts.number'), from: '—', to: values.number },
            { label: t('contracts.kind'), from: '—', to: t(`enum.ContractKind.${values.kind as ContractKind}`) },
            ...(account.holder ? [{ label: t('subscribers.holder'), from: '—', to: account.holder.name }] : []),
            { label: t('contracts.signedOn'), from: '—', to: format.date(values.signedOn) },
            { label: t('common.fromDay'), from: '—', to: format.date(values.from) },
            { label: t('common.toDay'), from: '—', to: values.to ? format.date(values.to) : t('contracts.noEnd') },
          ]}
          basis={values.document?.label ?? t('archive.withoutDocument')}
        />
      )}
    >
      <Text size="sm" c="dimmed">{t('contracts.signText')}</Text>
      <FieldRow>
        <TextField name="number" label={t('contracts.number')} required first />
        <ChoiceField name="kind" label={t('contracts.kind')} choices={kinds.map((value) => ({ value, label: t(`enum.ContractKind.${value}`) }))} />
        <TextField name="signedOn" label={t('contracts.signedOn')} kind="date" required />
      </FieldRow>
      <DaysFields />
      <DocumentField name="document" />
    </FormView>
  )
}

function TerminateForm({ contract, close, done }: { contract: Contract; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(terminate),
    start: { on: useToday(), document: null as Picked | null },
    input: (read) => {
      const on = read.text('on')
      if (on && on < contract.from) read.refuse('on', t('contracts.beganOn', { date: format.shortDate(contract.from) }))
      return { id: contract.id, expectedVersion: contract.version, on, documentId: read.picked('document') }
    },
    done: () => finish(t('contracts.terminated', { number: contract.number })),
  })
  return (
    <FormView
      form={form} submit={t('contracts.terminate')} cancel={close} refresh={done} danger
      check={() => (
        <Stack gap="xs">
          <Text size="sm">{t('contracts.terminateCheck', { number: contract.number, party: contract.party.name, date: format.date(form.values.on) })}</Text>
          {contract.limits.length + contract.volumes.length > 0 && (
            <Alert color="yellow">{t('contracts.terminateStands', { limits: format.count(contract.limits.length), volumes: format.count(contract.volumes.length) })}</Alert>
          )}
        </Stack>
      )}
    >
      <TextField name="on" label={t('contracts.lastDay')} hint={t('contracts.lastDayHint')} kind="date" required first />
      <DocumentField name="document" required />
    </FormView>
  )
}
