// What people decide about a house and month: proposed on a document by one, confirmed or declined by another.
import { Button, Group, Text } from '@mantine/core'
import { ChoiceField, DialogButton, FieldRow, FormView, Problem, Refusals, TextField, useAct, useFinish, useForm, type Picked } from '@aiscra/ui'
import { graphql, type DecisionKind, type ImbalanceMethod } from '../../gql'
import { useCan, useToday, useViewer } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'

const propose = graphql(`
  mutation ImbalancePropose($input: ImbalanceProposeInput!) { imbalancePropose(input: $input) { decision { id } errors { code field message } } }
`)
const confirm = graphql(`
  mutation ImbalanceConfirm($input: ImbalanceConfirmInput!) { imbalanceConfirm(input: $input) { decision { id state } errors { code field message } } }
`)
const decline = graphql(`
  mutation ImbalanceDecline($input: ImbalanceDeclineInput!) { imbalanceDecline(input: $input) { decision { id state } errors { code field message } } }
`)
const heating = graphql(`
  mutation HouseHeating($input: HouseHeatingInput!) { houseHeatingRecord(input: $input) { building { id } errors { code field message } } }
`)

export const methods: ImbalanceMethod[] = ['BY_REGISTERED', 'BY_VOLUME', 'EQUAL', 'BY_AREA', 'UNMETERED_ONLY']
const kinds: DecisionKind[] = ['DISTRIBUTE', 'HOLD', 'CARRY', 'ZERO']

function DecideForm({ house, period, close, done }: { house: string; period: string; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(propose),
    start: { kind: 'DISTRIBUTE', method: 'BY_REGISTERED', reason: '', document: null as Picked | null },
    input: (read, values) => ({
      buildingId: house, period, kind: values.kind as DecisionKind, method: values.kind === 'DISTRIBUTE' ? (values.method as ImbalanceMethod) : null,
      reason: read.text('reason'), documentId: read.picked('document'),
    }),
    done: () => finish(t('imbalance.proposed')),
  })
  return (
    <FormView form={form} submit={t('imbalance.propose')} cancel={close}>
      <Text size="sm" c="dimmed">{t('imbalance.fourEyes')}</Text>
      <FieldRow>
        <ChoiceField name="kind" label={t('imbalance.decision')} choices={kinds.map((value) => ({ value, label: t(`enum.DecisionKind.${value}`) }))} />
        {form.values.kind === 'DISTRIBUTE' && (
          <ChoiceField name="method" label={t('imbalance.method')} choices={methods.map((value) => ({ value, label: t(`enum.ImbalanceMethod.${value}`) }))} />
        )}
      </FieldRow>
      <TextField name="reason" label={t('imbalance.reason')} required />
      <DocumentField name="document" required />
    </FormView>
  )
}

export function Decide(at: { house: string; period: string; done: () => void }) {
  const t = useT()
  return <DialogButton label={t('imbalance.decide')} variant="filled">{(close) => <DecideForm {...at} close={close} />}</DialogButton>
}

function HeatingForm({ house, own, close, done }: { house: string; own: boolean; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(heating),
    start: { from: useToday(), document: null as Picked | null },
    input: (read) => ({ buildingId: house, own: !own, from: read.text('from'), documentId: read.picked('document') }),
    done: () => finish(t('imbalance.saved')),
  })
  return (
    <FormView form={form} submit={t('imbalance.record')} cancel={close}>
      <Text size="sm" c="dimmed">{t(own ? 'imbalance.heatingOff' : 'imbalance.heatingOn')}</Text>
      <TextField name="from" label={t('common.fromDay')} kind="date" required />
      <DocumentField name="document" required />
    </FormView>
  )
}

export function Heating(at: { house: string; own: boolean; done: () => void }) {
  const t = useT()
  return <DialogButton label={t('imbalance.heating')} buttonSize="compact-sm">{(close) => <HeatingForm {...at} close={close} />}</DialogButton>
}

function DeclineForm({ id, own, close, done }: { id: string; own: boolean; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(decline),
    start: { reason: '' },
    input: (read) => ({ id, reason: read.optional('reason') }),
    done: () => finish(t('imbalance.ended')),
  })
  return (
    <FormView form={form} submit={t(own ? 'imbalance.withdraw' : 'imbalance.decline')} cancel={close}>
      <TextField name="reason" label={t('imbalance.reason')} required={!own} />
    </FormView>
  )
}

/** Confirms or ends a proposal: the own one is taken back, one of somebody else is confirmed or declined. */
export function Verdict({ decision, done }: { decision: { id: string; proposedBy: string }; done: () => void }) {
  const t = useT()
  const can = useCan()
  const own = useViewer().login === decision.proposedBy
  const act = useAct(confirm)
  const yes = async () => {
    if (await act.run({ id: decision.id })) done()
  }
  return (
    <>
      <Group gap={4} wrap="nowrap">
        {!own && can('IMBALANCE_CONFIRM') && <Button size="compact-xs" loading={act.busy} onClick={() => void yes()}>{t('imbalance.confirm')}</Button>}
        {can('IMBALANCE_WRITE') && (own || can('IMBALANCE_CONFIRM')) && (
          <DialogButton label={t(own ? 'imbalance.withdraw' : 'imbalance.decline')} buttonSize="compact-xs">
            {(close) => <DeclineForm id={decision.id} own={own} close={close} done={done} />}
          </DialogButton>
        )}
      </Group>
      <Refusals errors={act.errors} />
      {act.broken && <Problem error={act.broken} />}
    </>
  )
}
