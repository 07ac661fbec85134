// A desk: its name, its cash register, who may sit there.
import { useQuery } from 'urql'
import { ChoiceField, FieldRow, FormView, SwitchField, TextField, Waiting, useAct, useFinish, useForm } from '@aiscra/ui'
import { graphql, type FiscalProviderCode } from '../../gql'
import { useT } from '../../lib/i18n'
import type { Desk } from './parts'

const saveMutation = graphql(`
  mutation DeskSave($input: DeskSaveInput!) { deskSave(input: $input) { desk { id version } errors { code field message } } }
`)
const cashiersQuery = graphql(`
  query DeskCashiers { cashDesks(first: 100) { nodes { id cashiers } } }
`)

const providers: FiscalProviderCode[] = ['NONE', 'WEBKASSA']

export function DeskForm(props: { desk?: Desk; close: () => void; done: () => void }) {
  const [result] = useQuery({ query: cashiersQuery, requestPolicy: 'network-only' })
  if (props.desk && !result.data) return <Waiting lines={4} />
  const cashiers = result.data?.cashDesks.nodes.find((one) => one.id === props.desk?.id)?.cashiers ?? []
  return <Form {...props} cashiers={cashiers.join(' ')} />
}

function Form({ desk, cashiers, close, done }: { desk?: Desk; cashiers: string; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(saveMutation),
    start: {
      code: desk?.code ?? '', nameKk: desk?.name.kk ?? '', nameRu: desk?.name.ru ?? '', nameEn: desk?.name.en ?? '', provider: (desk?.provider ?? 'NONE') as string,
      cashbox: desk?.cashbox ?? '', cashiers, active: desk?.active ?? true,
    },
    input: (read, values) => ({
      id: desk?.id ?? null, version: desk?.version ?? null, code: read.text('code'), nameKk: read.text('nameKk'), nameRu: read.text('nameRu'), nameEn: read.text('nameEn'),
      provider: values.provider as FiscalProviderCode, cashbox: read.optional('cashbox'), cashiers: values.cashiers.split(/[\s,;]+/).filter(Boolean), active: values.active,
    }),
    done: () => finish(t('cash.deskSaved')),
  })
  return (
    <FormView form={form} submit={t('common.save')} cancel={close}>
      <FieldRow>
        <TextField name="code" label={t('cash.deskCode')} hint={t('cash.deskCodeHint')} required first />
        <SwitchField name="active" label={t('cash.active')} />
      </FieldRow>
      <TextField name="nameKk" label={t('cash.nameKk')} required />
      <TextField name="nameRu" label={t('cash.nameRu')} required />
      <TextField name="nameEn" label={t('cash.nameEn')} required />
      <FieldRow>
        <ChoiceField name="provider" label={t('cash.provider')} choices={providers.map((value) => ({ value, label: t(`enum.FiscalProviderCode.${value}`) }))} />
        <TextField name="cashbox" label={t('cash.cashbox')} hint={t('cash.cashboxHint')} />
      </FieldRow>
      <TextField name="cashiers" label={t('cash.cashiers')} hint={t('cash.cashiersHint')} kind="long" />
    </FormView>
  )
}
