// Paid services that an account was charged: the list, a new one with its price, the way back.
import { useState } from 'react'
import { Group, Stack, Text } from '@mantine/core'
import {
  Chip, ChoiceField, DataTable, DialogButton, Empty, FieldRow, Figures, FormView, Problem, Section, TextField, Waiting, useAct, useFinish, useForm, useFormat, useLanguage, usePages, type Picked,
} from '@aiscra/ui'
import { useQuery } from 'urql'
import { graphql, type AccountOneOffsQuery, type SignedAct } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { paperNumber } from '../../lib/paper'
import { Who } from '../../lib/who'
import { Awaiting, SecondNeeded } from '../access/signatures'
import { DocumentField } from '../archive/document-field'
import { titleIn } from './paid-services'

const query = graphql(`
  query AccountOneOffs($id: ID!, $after: String) {
    account(id: $id) {
      id
      oneOffs(first: 20, after: $after) {
        nodes { id state performedOn quantity gross period dueOn recordedBy reversedBy paidService { id code titleKk titleRu titleEn } document { id number } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)
const prices = graphql(`
  query PricesOfServices($on: Date) { paidServices(on: $on) { id state titleKk titleRu titleEn net } }
`)
const preview = graphql(`
  query OneOffPreview($account: ID!, $service: ID!, $quantity: Int!, $performedOn: Date!) {
    oneOffPreview(account: $account, service: $service, quantity: $quantity, performedOn: $performedOn) {
      preview { net vat gross vatRate } errors { code field message }
    }
  }
`)
const charge = graphql(`
  mutation OneOffCharge($input: OneOffChargeInput!) { oneOffCharge(input: $input) { oneOff { id gross } errors { code field message } } }
`)
const reverse = graphql(`
  mutation OneOffReverse($input: OneOffReverseInput!) { oneOffReverse(input: $input) { signature { id } errors { code field message } } }
`)

type Row = NonNullable<AccountOneOffsQuery['account']>['oneOffs']['nodes'][number]
const signed: SignedAct[] = ['ONE_OFF_REVERSE']

export function OneOffs({ account, onChange }: { account: { id: string }; onChange: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const { language } = useLanguage()
  const pages = usePages(query, { id: account.id }, (data) => data.account?.oneOffs)
  const [asked, setAsked] = useState(0)
  const again = () => {
    pages.refresh()
    onChange()
  }
  if (pages.error) return <Problem error={pages.error} retry={pages.refresh} />
  if (!pages.ready) return <Waiting />
  return (
    <Stack>
      <Awaiting key={asked} acts={signed} account={account.id} done={again} />
      <Section
        title={t('oneOff.title')} flush
        side={can('CORRECTION_WRITE') && <DialogButton label={t('oneOff.charge')} buttonSize="xs">{(close) => <ChargeForm account={account} close={close} done={again} />}</DialogButton>}
      >
        <DataTable
          caption={t('oneOff.title')} rows={pages.rows} rowKey={(row) => row.id} more={pages.more} empty={<Empty title={t('oneOff.none')}>{t('oneOff.noneText')}</Empty>}
          columns={[
            { key: 'title', head: t('oneOff.service'), cell: (row) => <div>{titleIn(language, row.paidService)}<Text size="xs" c="dimmed">{row.document && `№\u00a0${paperNumber(row.document.number)} · `}<Who by={row.reversedBy ?? row.recordedBy} /></Text></div> },
            { key: 'on', head: t('oneOff.performedOn'), cell: (row) => <span className="tab">{format.shortDate(row.performedOn)}{row.quantity > 1 ? ` × ${row.quantity}` : ''}</span> },
            { key: 'period', head: t('common.period'), cell: (row) => format.period(row.period) },
            { key: 'state', head: t('common.state'), cell: (row) => <Chip tone={row.state === 'POSTED' ? 'good' : 'plain'}>{t(`enum.OneOffState.${row.state}`)}</Chip> },
            { key: 'gross', head: t('debt.sum'), numeric: true, cell: (row) => <b>{format.money(row.gross)}</b> },
            { key: 'acts', head: '', cell: (row) => row.state === 'POSTED' && (can('CORRECTION_WRITE') || can('CORRECTION_CONFIRM')) && <DialogButton label={t('oneOff.reverse')} buttonSize="compact-sm">{(close) => <ReverseForm row={row} close={close} done={() => setAsked((now) => now + 1)} />}</DialogButton> },
          ]}
        />
      </Section>
    </Stack>
  )
}

function ChargeForm({ account, close, done }: { account: { id: string }; close: () => void; done: () => void }) {
  const t = useT()
  const today = useToday()
  const { language } = useLanguage()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(charge),
    start: { service: '', quantity: '1', performedOn: today, document: null as Picked | null },
    input: (read) => ({
      accountId: account.id, serviceId: read.text('service'), quantity: read.whole('quantity'), performedOn: read.text('performedOn'), documentId: read.picked('document'),
    }),
    done: () => finish(t('oneOff.charged')),
  })
  const [list] = useQuery({ query: prices, variables: { on: form.values.performedOn || today } })
  const services = (list.data?.paidServices ?? []).filter((one) => one.state === 'CONFIRMED')
  return (
    <FormView form={form} submit={t('oneOff.charge')} cancel={close}>
      {list.data && services.length === 0 && <Text size="sm" c="dimmed">{t('oneOff.noPricesText')}</Text>}
      <ChoiceField name="service" label={t('oneOff.service')} required choices={services.map((one) => ({ value: one.id, label: titleIn(language, one) }))} />
      <FieldRow>
        <TextField name="quantity" label={t('oneOff.quantity')} mode="numeric" required />
        <TextField name="performedOn" label={t('oneOff.performedOn')} kind="date" required />
      </FieldRow>
      <DocumentField name="document" required />
      <Price account={account.id} service={form.values.service} quantity={Number(form.values.quantity)} performedOn={form.values.performedOn} />
    </FormView>
  )
}

/** What it will cost, as the server says, before anything is charged. */
function Price({ account, service, quantity, performedOn }: { account: string; service: string; quantity: number; performedOn: string }) {
  const t = useT()
  const format = useFormat()
  const askable = service !== '' && Number.isInteger(quantity) && quantity >= 1 && quantity <= 1000 && performedOn !== ''
  const [result] = useQuery({ query: preview, variables: { account, service, quantity, performedOn }, pause: !askable })
  const said = askable ? result.data?.oneOffPreview : undefined
  if (!said) return null
  if (!said.preview) return <Text size="sm" c="red.8" role="status">{said.errors.map((one) => one.message).join(' ')}</Text>
  return (
    <Group role="status">
      <Figures rows={[
        { label: t('oneOff.net'), value: format.money(said.preview.net) },
        { label: t('oneOff.vat'), value: format.money(said.preview.vat) },
        { label: t('oneOff.gross'), value: format.money(said.preview.gross) },
      ]} />
    </Group>
  )
}

function ReverseForm({ row, close, done }: { row: Row; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(reverse),
    start: { document: null as Picked | null },
    input: (read) => ({ id: row.id, documentId: read.picked('document') }),
    done: () => finish(t('signatures.sent')),
  })
  return (
    <FormView form={form} submit={t('oneOff.reverse')} cancel={close} check={() => t('oneOff.reverseText', { sum: format.money(row.gross) })}>
      <SecondNeeded />
      <DocumentField name="document" required />
    </FormView>
  )
}
