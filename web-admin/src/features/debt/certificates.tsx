// Certificates of no debt of an account: given in one step, opened as a paper, taken back on a document.
import { Button, Group, Text } from '@mantine/core'
import { Chip, DataTable, DialogButton, Empty, FormView, Problem, Refusals, Section, Waiting, useAct, useFinish, useForm, useFormat, usePages, useSay, type Picked } from '@aiscra/ui'
import { graphql, type AccountCertificatesQuery } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { Who } from '../../lib/who'
import { DocumentField } from '../archive/document-field'
import { PaperButton } from '../platform/made'

const query = graphql(`
  query AccountCertificates($id: ID!, $after: String) {
    account(id: $id) {
      id
      certificates(first: 20, after: $after) {
        nodes { id number on notDue disputed advance issuedBy withdrawnAt paperPath }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)
const issue = graphql(`
  mutation CertificateIssue($input: CertificateIssueInput!) { certificateIssue(input: $input) { certificate { id number } errors { code field message } } }
`)
const withdraw = graphql(`
  mutation CertificateWithdraw($input: CertificateWithdrawInput!) { certificateWithdraw(input: $input) { certificate { id withdrawnAt } errors { code field message } } }
`)

type Row = NonNullable<AccountCertificatesQuery['account']>['certificates']['nodes'][number]

export function Certificates({ account }: { account: { id: string } }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const say = useSay()
  const pages = usePages(query, { id: account.id }, (data) => data.account?.certificates)
  const act = useAct(issue)
  const give = async () => {
    if (await act.run({ accountId: account.id })) {
      say(t('certificate.issued'))
      pages.refresh()
    }
  }
  if (pages.error) return <Problem error={pages.error} retry={pages.refresh} />
  if (!pages.ready) return <Waiting />
  return (
    <Section title={t('certificate.title')} flush side={can('DEBT_WRITE') && <Button size="xs" loading={act.busy} onClick={() => void give()}>{t('certificate.issue')}</Button>}>
      <Refusals errors={act.errors} />
      {act.broken && <Problem error={act.broken} />}
      <DataTable
        caption={t('certificate.title')} rows={pages.rows} rowKey={(row) => row.id} more={pages.more} empty={<Empty title={t('certificate.none')}>{t('certificate.noneText')}</Empty>}
        columns={[
          { key: 'number', head: t('certificate.number'), cell: (row) => <div className="tab">{row.number}<Text size="xs" c="dimmed"><Who by={row.issuedBy} /></Text></div> },
          { key: 'on', head: t('certificate.on'), cell: (row) => <span className="tab">{format.shortDate(row.on)}</span> },
          { key: 'state', head: t('common.state'), cell: (row) => <Chip tone={row.withdrawnAt ? 'bad' : 'good'}>{t(row.withdrawnAt ? 'certificate.withdrawn' : 'certificate.valid')}</Chip> },
          { key: 'notDue', head: t('certificate.notDue'), numeric: true, cell: (row) => format.money(row.notDue) },
          { key: 'acts', head: '', cell: (row) => <Acts row={row} done={pages.refresh} /> },
        ]}
      />
    </Section>
  )
}

function Acts({ row, done }: { row: Row; done: () => void }) {
  const t = useT()
  const can = useCan()
  return (
    <Group gap="xs" wrap="nowrap">
      <PaperButton path={row.paperPath} />
      {!row.withdrawnAt && can('DEBT_DECIDE') && <DialogButton label={t('certificate.withdraw')} buttonSize="compact-sm">{(close) => <WithdrawForm row={row} close={close} done={done} />}</DialogButton>}
    </Group>
  )
}

function WithdrawForm({ row, close, done }: { row: Row; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(withdraw),
    start: { document: null as Picked | null },
    input: (read) => ({ id: row.id, documentId: read.picked('document') }),
    done: () => finish(t('certificate.wasWithdrawn')),
  })
  return (
    <FormView form={form} submit={t('certificate.withdraw')} cancel={close} check={() => t('certificate.withdrawText', { number: row.number })}>
      <DocumentField name="document" required />
    </FormView>
  )
}
