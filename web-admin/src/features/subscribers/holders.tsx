// Everybody who has held an account. What is known of somebody who left and owes nothing is destroyed here, on a document.
import { Alert, Stack, Text } from '@mantine/core'
import { useQuery } from 'urql'
import { Chip, DataTable, DialogButton, FormView, Problem, Section, TextField, useAct, useFinish, useForm, useFormat, type Picked } from '@aiscra/ui'
import { graphql, type AccountHoldersQuery } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useDays } from '../../lib/days'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'

const query = graphql(`
  query AccountHolders($id: ID!) {
    account(id: $id) { id holders { party { id kind name erasedAt isEstate diedOn } from to } }
  }
`)
const erase = graphql(`
  mutation PersonErase($input: PersonEraseInput!) { personErase(input: $input) { person { id name erasedAt } errors { code field message } } }
`)

type Holding = NonNullable<AccountHoldersQuery['account']>['holders'][number]

/** Nothing where there has been one holder only, who is there still. */
export function Holders({ account, refresh }: { account: { id: string; number: string; holder?: { id: string } | null }; refresh: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const today = useToday()
  const days = useDays()
  // The one who is there now is on the screen already; another one is another list.
  const [result, refetch] = useQuery({ query, variables: { id: account.id }, requestPolicy: 'cache-and-network' })
  const again = () => {
    refetch({ requestPolicy: 'network-only' })
    refresh()
  }
  if (result.error) return <Problem error={result.error} retry={again} />
  const holders = result.data?.account?.holders ?? []
  const left = (row: Holding) => row.to != null && row.to < today
  if (!holders.some(left)) return null
  return (
    <Section flush title={t('holders.title')}>
      <DataTable
        caption={t('holders.title')} rows={holders} rowKey={(row) => `${row.party.id} ${row.from}`} empty={null}
        columns={[
          { key: 'name', head: t('subscribers.holder'), cell: (row) => <div>{row.party.erasedAt ? t('holders.unknown') : row.party.name}{row.party.isEstate && <Text size="xs" c="dimmed">{t('holders.estate')}</Text>}</div> },
          { key: 'days', head: t('contracts.days'), cell: (row) => <span className="tab">{days(row)}</span> },
          {
            key: 'state', head: t('common.state'),
            cell: (row) => row.party.erasedAt ? <Chip tone="plain">{t('holders.erasedAt', { moment: format.dateTime(row.party.erasedAt) })}</Chip> : <Chip tone={left(row) ? 'plain' : 'good'}>{t(left(row) ? 'holders.left' : 'holders.now')}</Chip>,
          },
          ...(can('PERSON_ERASE')
            ? [{
                key: 'acts', head: <span className="unseen">{t('common.acts')}</span>,
                cell: (row: Holding) => left(row) && !row.party.erasedAt && row.party.kind === 'PERSON' && row.party.id !== account.holder?.id && (
                  <DialogButton label={t('holders.erase')} buttonSize="compact-sm">{(close) => <EraseForm person={row.party} close={close} done={again} />}</DialogButton>
                ),
              }]
            : []),
        ]}
      />
    </Section>
  )
}

/** Cannot be taken back: the name is typed, then it is asked once more. */
function EraseForm({ person, close, done }: { person: Holding['party']; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(erase),
    start: { name: '', document: null as Picked | null },
    input: (read) => {
      const typed = read.text('name').replace(/\s+/g, ' ')
      if (typed && typed.toLocaleLowerCase() !== person.name.trim().replace(/\s+/g, ' ').toLocaleLowerCase()) read.refuse('name', t('holders.nameDiffers'))
      return { id: person.id, documentId: read.picked('document') }
    },
    done: () => finish(t('holders.erased')),
  })
  return (
    <FormView
      form={form} submit={t('holders.erase')} cancel={close} danger
      check={() => (
        <Stack gap="xs">
          <Text size="sm" fw={600}>{t('holders.eraseCheck', { name: person.name })}</Text>
          <Text size="sm">{t('holders.eraseLast')}</Text>
        </Stack>
      )}
    >
      <Alert color="red" variant="light">{t('holders.eraseText')}</Alert>
      <TextField name="name" label={t('holders.typeName')} hint={t('holders.typeNameHint', { name: person.name })} required first />
      <DocumentField name="document" required />
    </FormView>
  )
}
