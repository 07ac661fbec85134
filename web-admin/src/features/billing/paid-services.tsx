// The price list of paid services: what a deed costs on a day, proposed by one person, confirmed by another.
import { Group, Stack, Text } from '@mantine/core'
import {
  Answer, Chip, ChoiceField, DataTable, DialogButton, Empty, FieldRow, FormView, IconPlus, PageHead, Section, TextField, useAct, useFinish, useForm, useFormat, useLanguage, type Picked, type Tone,
} from '@aiscra/ui'
import { useQuery } from 'urql'
import { graphql, type PaidServicesQuery, type PaidServiceState, type Service } from '../../gql'
import { useCan, useToday, useViewer } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { Who } from '../../lib/who'
import { DocumentField } from '../archive/document-field'
import { AskButton } from '../debt/parts'

const query = graphql(`
  query PaidServices {
    paidServices(all: true) { id code titleKk titleRu titleEn service net from to source state proposedBy decidedBy document { id number } }
  }
`)
const propose = graphql(`
  mutation PaidServicePropose($input: PaidServiceProposeInput!) { paidServicePropose(input: $input) { paidService { id } errors { code field message } } }
`)
const decide = graphql(`
  mutation PaidServiceDecide($input: PaidServiceDecideInput!) { paidServiceDecide(input: $input) { paidService { id state } errors { code field message } } }
`)

type Row = PaidServicesQuery['paidServices'][number]
const tones: Record<PaidServiceState, Tone> = { PROPOSED: 'warn', CONFIRMED: 'good', DECLINED: 'plain' }
const belongsTo: Service[] = ['WATER', 'SEWERAGE_COLD']

/** The name of a paid service in the language of the screen. */
export const titleIn = (language: string, one: { titleKk: string; titleRu: string; titleEn: string }) =>
  language === 'kk' ? one.titleKk : language === 'ru' ? one.titleRu : one.titleEn

export function PaidServices() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const { language } = useLanguage()
  const [result, refetch] = useQuery({ query, requestPolicy: 'cache-and-network' })
  const again = () => refetch({ requestPolicy: 'network-only' })
  return (
    <>
      <PageHead title={t('oneOff.priceList')} lead={t('oneOff.priceListLead')}>
        {can('TARIFF_WRITE') && <DialogButton label={t('oneOff.propose')} icon={<IconPlus size={16} />}>{(close) => <ProposeForm close={close} done={again} />}</DialogButton>}
      </PageHead>
      <Answer result={result} retry={again} lines={6}>
        {({ paidServices }) => (
          <Section title={t('oneOff.priceList')} flush>
            <DataTable
              caption={t('oneOff.priceList')} rows={paidServices} rowKey={(row) => row.id}
              empty={<Empty title={t('oneOff.noPrices')}>{t('oneOff.noPricesText')}</Empty>}
              columns={[
                { key: 'title', head: t('oneOff.service'), cell: (row) => <div>{titleIn(language, row)}<Text size="xs" c="dimmed">{row.code} · {row.service ? t(`enum.Service.${row.service}`) : ''}</Text></div> },
                { key: 'state', head: t('common.state'), cell: (row) => <Chip tone={tones[row.state]}>{t(`enum.PaidServiceState.${row.state}`)}</Chip> },
                { key: 'days', head: t('common.fromDay'), cell: (row) => <span className="tab">{format.shortDate(row.from)}{row.to ? ` – ${format.shortDate(row.to)}` : ''}</span> },
                { key: 'source', head: t('tariffs.source'), cell: (row) => <div>{row.source}<Text size="xs" c="dimmed"><Who by={row.proposedBy} />{row.decidedBy && <> → <Who by={row.decidedBy} /></>}</Text></div> },
                { key: 'net', head: t('oneOff.net'), numeric: true, cell: (row) => <b>{format.decimal(row.net)} ₸</b> },
                { key: 'acts', head: '', cell: (row) => <DecideActs row={row} done={again} /> },
              ]}
            />
          </Section>
        )}
      </Answer>
    </>
  )
}

function DecideActs({ row, done }: { row: Row; done: () => void }) {
  const t = useT()
  const can = useCan()
  const viewer = useViewer()
  const { language } = useLanguage()
  const yes = useAct(decide)
  const no = useAct(decide)
  // Who proposed it never agrees to it.
  if (row.state !== 'PROPOSED' || !can('SETTING_CONFIRM') || row.proposedBy === viewer.login) return null
  const title = titleIn(language, row)
  return (
    <Group gap="xs" wrap="nowrap">
      <AskButton act={yes} input={{ id: row.id, agreed: true }} label={t('debt.agree')} said={t('oneOff.confirmed')} done={done} text={t('oneOff.confirmText', { title, net: row.net })} />
      <AskButton act={no} input={{ id: row.id, agreed: false }} label={t('debt.decline')} said={t('debt.declined')} done={done} text={t('oneOff.declineText', { title })} danger />
    </Group>
  )
}

function ProposeForm({ close, done }: { close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(propose),
    start: { code: '', titleKk: '', titleRu: '', titleEn: '', service: 'WATER' as Service, net: '', from: useToday(), source: '', document: null as Picked | null },
    input: (read, values) => ({
      code: read.text('code'), titleKk: read.text('titleKk'), titleRu: read.text('titleRu'), titleEn: read.text('titleEn'), service: values.service,
      net: read.decimal('net', 4), from: read.text('from'), source: read.text('source'), documentId: read.picked('document'),
    }),
    done: () => finish(t('oneOff.proposed')),
  })
  return (
    <FormView form={form} submit={t('oneOff.propose')} cancel={close}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">{t('oneOff.proposeText')}</Text>
        <TextField name="titleRu" label={t('oneOff.titleRu')} required />
        <TextField name="titleKk" label={t('oneOff.titleKk')} required />
        <TextField name="titleEn" label={t('oneOff.titleEn')} required />
        <FieldRow>
          <TextField name="code" label={t('oneOff.code')} required />
          <ChoiceField name="service" label={t('oneOff.belongsTo')} choices={belongsTo.map((value) => ({ value, label: t(`enum.Service.${value}`) }))} />
        </FieldRow>
        <FieldRow>
          <TextField name="net" label={t('oneOff.net')} mode="decimal" unit="₸" required />
          <TextField name="from" label={t('common.fromDay')} kind="date" required />
        </FieldRow>
        <TextField name="source" label={t('tariffs.source')} required />
        <DocumentField name="document" required />
      </Stack>
    </FormView>
  )
}
