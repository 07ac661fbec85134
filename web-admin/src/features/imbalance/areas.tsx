// Accounts of a house that is shared by area, and whose area nobody knows: the house waits for them.
import { Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { DataTable, DialogButton, FormView, Section, TextField, useAct, useFinish, useForm, useFormat, type Picked } from '@aiscra/ui'
import { graphql, type ImbalanceHouseQuery } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'

const set = graphql(`
  mutation PremiseAreaSet($input: PremiseAreaInput!) { premiseAreaSet(input: $input) { building { id } errors { code field message } } }
`)

type Bench = NonNullable<ImbalanceHouseQuery['imbalanceHouse']>
type Named = NonNullable<Bench['withoutArea']>[number]

export function Areas({ bench, done }: { bench: Bench; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const writes = can('PREMISES_WRITE')
  return (
    <Section title={t('imbalance.areaUnknown')} flush>
      <Text size="sm" c="dimmed" px="md">{t('imbalance.areaUnknownLead', { count: format.count(bench.areaUnknown) })}</Text>
      <DataTable
        caption={t('imbalance.areaUnknown')} rows={bench.withoutArea ?? []} rowKey={(row) => row.id} empty={null}
        columns={[
          { key: 'account', head: t('imbalance.account'), cell: (row) => <Link className="row-link tab" to="/accounts/$number" params={{ number: row.number }}>{row.number}</Link> },
          ...(writes
            ? [{
                key: 'acts', head: <span className="unseen">{t('common.acts')}</span>,
                cell: (row: Named) => (
                  <DialogButton label={t('imbalance.areaSet')} title={t('imbalance.areaOf', { number: row.number })} buttonSize="compact-sm">
                    {(close) => <AreaForm account={row} close={close} done={done} />}
                  </DialogButton>
                ),
              }]
            : []),
        ]}
      />
    </Section>
  )
}

function AreaForm({ account, close, done }: { account: Named; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(set),
    start: { squareMeters: '', document: null as Picked | null },
    input: (read, values) => {
      const squareMeters = values.squareMeters.trim().replace(',', '.')
      if (!/^\d{1,7}(\.\d{1,2})?$/.test(squareMeters)) read.refuse('squareMeters', t('imbalance.areaWrong'))
      return { accountId: account.id, squareMeters, documentId: read.picked('document') }
    },
    done: () => finish(t('imbalance.saved')),
  })
  return (
    <FormView form={form} submit={t('imbalance.record')} cancel={close}>
      <Text size="sm" c="dimmed">{t('imbalance.areaText')}</Text>
      <TextField name="squareMeters" label={t('imbalance.area')} mode="decimal" unit={t('consumption.m2')} required first />
      <DocumentField name="document" required />
    </FormView>
  )
}
