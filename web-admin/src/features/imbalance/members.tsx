// Legal entities of a house: whoever stands on the list of the condominium bears a share of the house like its flats.
import { Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Chip, DataTable, DialogButton, FormView, Section, TextField, useAct, useFinish, useForm, useFormat, type Picked } from '@aiscra/ui'
import { graphql, type ImbalanceHouseQuery } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useDays } from '../../lib/days'
import { useT } from '../../lib/i18n'
import { paperNumber } from '../../lib/paper'
import { DocumentField } from '../archive/document-field'

const set = graphql(`
  mutation ImbalanceMemberSet($input: ImbalanceMemberInput!) { imbalanceMemberSet(input: $input) { building { id } errors { code field message } } }
`)

type Bench = NonNullable<ImbalanceHouseQuery['imbalanceHouse']>
type Member = Bench['members'][number]
/** On the list, without an end that is known. */
const standing = (row: Member) => row.from != null && row.to == null

export function Members({ bench, done }: { bench: Bench; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const days = useDays()
  const writes = can('IMBALANCE_WRITE') && can('ACCOUNT_READ')
  // Of days that follow each other the last ones are changed.
  const last = (row: Member) => bench.members.findLast((one) => one.account?.id === row.account?.id) === row
  return (
    <Section title={t('members.title')} flush>
      <DataTable
        caption={t('members.title')} rows={bench.members} rowKey={(row) => `${row.account?.id ?? ''} ${row.from}`}
        empty={<Text p="md" size="sm" c="dimmed">{t('members.none')}</Text>}
        columns={[
          {
            key: 'account', head: t('imbalance.account'),
            cell: (row) => row.account
              ? <div><Link className="row-link tab" to="/accounts/$number" params={{ number: row.account.number }}>{row.account.number}</Link><Text size="xs" c="dimmed">{row.account.holder?.name}</Text></div>
              : '—',
          },
          { key: 'state', head: t('members.list'), cell: (row) => <Chip tone={standing(row) ? 'good' : 'plain'}>{t(standing(row) ? 'members.stands' : row.from ? 'members.stood' : 'members.apart')}</Chip> },
          {
            key: 'days', head: t('debt.days'),
            cell: (row) => <span className="tab">{row.from ? days({ from: row.from, to: row.to }) : '—'}</span>,
          },
          { key: 'document', head: t('archive.document'), cell: (row) => row.document ? t('imbalance.paper', { number: paperNumber(row.document.number), date: format.shortDate(row.document.issuedOn) }) : '—' },
          ...(writes
            ? [{
                key: 'acts', head: <span className="unseen">{t('common.acts')}</span>,
                cell: (row: Member) => row.account && last(row) && (
                  <DialogButton label={t(standing(row) ? 'members.takeOff' : 'members.putOn')} title={t('members.formTitle', { number: row.account.number })} buttonSize="compact-sm">
                    {(close) => <MemberForm member={row} close={close} done={done} />}
                  </DialogButton>
                ),
              }]
            : []),
        ]}
      />
    </Section>
  )
}

function MemberForm({ member, close, done }: { member: Member; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const month = `${useToday().slice(0, 7)}-01`
  const finish = useFinish(close, done)
  const account = member.account!
  const joins = !standing(member)
  const form = useForm({
    act: useAct(set),
    start: { from: member.from && member.from > month ? member.from : month, document: null as Picked | null },
    input: (read) => ({ accountId: account.id, member: joins, from: read.text('from'), documentId: read.picked('document') }),
    done: () => finish(t(joins ? 'members.joined' : 'members.left', { number: account.number })),
  })
  const words = { number: account.number, name: account.holder?.name ?? '', from: format.date(form.values.from || month) }
  return (
    <FormView form={form} submit={t(joins ? 'members.putOn' : 'members.takeOff')} cancel={close} check={() => t(joins ? 'members.joinCheck' : 'members.leaveCheck', words)}>
      <Text size="sm" c="dimmed">{t('members.text')}</Text>
      <TextField name="from" label={t('common.fromDay')} kind="date" required first />
      <DocumentField name="document" required />
    </FormView>
  )
}
