// Every component of the design system on one page, with fixed data: what people look at when they change one, and what the
// visual tests compare in three languages and both themes.
import { useState } from 'react'
import { Alert, Button, Group, Progress, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { CombinedError } from 'urql'
import {
  Changes, ChecksField, Chart, Chip, ChoiceField, Confirm, DataTable, DialogButton, Empty, ExplainTree, FieldRow, Figures, FormView, IconCheck, IconPrint, LanguageSwitch,
  LookupField, Mark, PageHead, Problem, Refusals, SchemeSwitch, Section, SwitchField, TextField, Waiting, useForm, useFormat, useSay,
  type Act, type Picked, type Tone, type UserError,
} from '@aiscra/ui'
import type { Service } from '../../gql'
import { useT } from '../../lib/i18n'

const kazakh = 'Ә ә  Ғ ғ  Қ қ  Ң ң  Ө ө  Ұ ұ  Ү ү  Һ һ  І і'
const tones: Tone[] = ['good', 'warn', 'bad', 'busy', 'plain']
const colours = ['ground', 'panel', 'sunken', 'line', 'link', 'mark', 'chart-1', 'chart-2', 'chart-3']
const months = ['2025-10', '2025-11', '2025-12', '2026-01', '2026-02', '2026-03']
const charged = ['1921.34', '2213.40', '1921.34', '2209.01', '1763.28', '2044.90']
const volumes = ['12.345', '14.1', '12.3', '13.977', '11.02', null]
const lines: { id: string; service: Service; volume: string; sum: string }[] = [
  { id: '1', service: 'WATER', volume: '12.345', sum: '942.07' },
  { id: '2', service: 'SEWERAGE_COLD', volume: '12.345', sum: '584.51' },
  { id: '3', service: 'SEWERAGE_HOT', volume: '4.983', sum: '236.70' },
]

/** An act that was refused, so that its words stand beside the fields. */
const refused = (errors: UserError[]): Act<object, object> => ({ run: async () => null, busy: false, errors, broken: undefined, reset: () => {} })

export function Design() {
  const t = useT()
  const format = useFormat()
  const say = useSay()
  const [asking, setAsking] = useState(false)
  const [order, setOrder] = useState('sum')
  return (
    <main id="content" style={{ maxWidth: 1000, margin: '0 auto', padding: 20 }}>
      <PageHead title={t('design.title')} lead={t('design.lead')}>
        <LanguageSwitch /><SchemeSwitch />
      </PageHead>
      <Stack>
        <Section title={t('design.type')} side={<Mark size={30} />}>
          <Title order={1} fz={24}>{t('design.sample')}</Title>
          <Title order={2} fz="lg">{t('design.sample')}</Title>
          <Text>{t('design.sample')}</Text>
          <Text size="sm" c="dimmed">{t('design.sample')}</Text>
          <Text size="xs" c="dimmed">{t('design.sample')}</Text>
          <Text mt="xs" fz="lg" lang="kk">{kazakh}</Text>
          <Text className="tab" fz="lg">0123456789 ₸ м³ № — − % “ ”</Text>
        </Section>

        <Section title={t('design.formats')}>
          <Figures
            rows={[
              { label: t('design.money'), value: format.money('-1234567.80') },
              { label: t('design.volume'), value: format.volume('1234.5') },
              { label: t('design.price'), value: format.price('66.0725') },
              { label: t('design.percent'), value: format.percent('0.16') },
              { label: t('design.period'), value: format.period('2026-03') },
              { label: t('design.date'), value: format.date('2026-03-25'), note: format.shortDate('2026-03-25') },
              { label: t('design.moment'), value: format.dateTime('2026-03-25T09:05:00Z') },
              { label: t('design.count'), value: format.count(1_234_567) },
            ]}
          />
        </Section>

        <Section title={t('design.colours')}>
          <Group gap="xs" mb="md">{tones.map((tone) => <Chip key={tone} tone={tone}>{t(`design.tone.${tone}`)}</Chip>)}</Group>
          <div style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(100px, 1fr))', gap: 8 }}>
            {colours.map((name) => (
              <div key={name}>
                <div style={{ height: 34, borderRadius: 6, background: `var(--${name})`, border: '1px solid var(--line)' }} />
                <Text size="xs" c="dimmed">{name}</Text>
              </div>
            ))}
          </div>
        </Section>

        <SimpleGrid cols={{ base: 1, sm: 2 }} style={{ alignItems: 'start' }}>
          <Section title={t('design.form')}><SampleForm errors={[]} /></Section>
          <Section title={t('design.formRefused')}>
            <SampleForm
              errors={[
                { code: 'AMOUNT_NOT_POSITIVE', field: 'amount', message: t('design.refusedAmount') },
                { code: 'PERIOD_CLOSED', message: t('design.refusedPeriod') },
              ]}
            />
          </Section>
        </SimpleGrid>
        <Section title={t('design.conflict')}><ConflictForm /></Section>
        <Section title={t('design.changes')}>
          <Changes
            title={t('design.confirmTitle')} basis={t('design.priceSource')} note={t('design.confirmText')}
            rows={[
              { label: t('design.price'), from: format.price('66.00'), to: format.price('70.50') },
              { label: t('design.date'), from: format.shortDate('2026-03-25'), to: format.shortDate('2026-03-25') },
            ]}
          />
        </Section>

        <Section title={t('design.buttons')}>
          <Group>
            <Button>{t('common.save')}</Button>
            <Button variant="default">{t('common.change')}</Button>
            <Button variant="light">{t('app.find')}</Button>
            <Button variant="subtle">{t('common.cancel')}</Button>
            <Button color="red.9" onClick={() => setAsking(true)}>{t('design.remove')}</Button>
            <Button loading>{t('common.save')}</Button>
            <Button disabled>{t('common.save')}</Button>
            <Button variant="default" leftSection={<IconPrint size={16} />} onClick={() => print()}>{t('design.print')}</Button>
            <DialogButton label={t('design.dialog')}>{(close) => <SampleForm errors={[]} cancel={close} />}</DialogButton>
            <Button variant="default" onClick={() => say(t('design.said'))}>{t('design.say')}</Button>
          </Group>
          <Confirm opened={asking} danger title={t('design.confirmTitle')} yes={t('design.remove')} onYes={() => say(t('design.said'))} onClose={() => setAsking(false)}>
            <Text size="sm" mb="sm">{t('design.confirmText')}</Text>
            <Figures rows={[{ label: t('design.count'), value: format.count(12_431) }, { label: t('design.money'), value: format.money('32067.76') }]} />
          </Confirm>
        </Section>

        <Section flush title={t('design.table')}>
          <DataTable
            caption={t('design.table')} remember="design" rows={lines} rowKey={(row) => row.id} empty={null}
            sorting={{ by: order, set: setOrder }} exporting={{ busy: false, run: (kind) => say(kind) }} more={{ has: true, busy: false, load: () => {}, total: 12_431 }}
            columns={[
              { key: 'service', head: t('billing.service'), sort: 'service', fixed: true, cell: (row) => t(`enum.Service.${row.service}`) },
              { key: 'state', head: t('common.state'), cell: () => <Chip tone="good">{t('billing.issued')}</Chip> },
              { key: 'volume', head: t('billing.volume'), numeric: true, sort: 'volume', cell: (row) => format.volume(row.volume) },
              { key: 'sum', head: t('ledger.amount'), numeric: true, sort: 'sum', cell: (row) => <b>{format.money(row.sum)}</b> },
            ]}
          />
        </Section>

        <Section title={t('design.chart')}>
          <Chart
            title={t('design.chart')} corner={t('common.period')} tableFirst
            labels={months.map(format.shortMonth)} full={months.map(format.period)}
            series={[
              { name: t('billing.charged'), values: charged },
              { name: t('billing.volume'), kind: 'line', values: volumes, format: format.volume },
            ]}
          />
        </Section>

        <Section title={t('design.explain')}>
          <ExplainTree
            openTo={4}
            tree={{
              kind: 'GROSS', label: t('billing.gross'), value: '942.07', unit: 'TENGE', children: [
                { kind: 'VOLUME', label: t('billing.volume'), value: '12.305', unit: 'M3', source: t('design.readingSource'), children: [{ kind: 'DAYS_SHARE', label: t('billing.days'), value: '28/28', unit: 'DAYS' }] },
                { kind: 'PRICE', label: t('billing.price'), value: '66.00', unit: 'TENGE_PER_M3', source: t('design.priceSource') },
                { kind: 'VAT_RATE', label: t('tariffs.vat'), value: '16', unit: 'PERCENT' },
              ],
            }}
          />
        </Section>

        <Section title={t('design.states')}>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Empty title={t('subscribers.none')} action={<Button size="xs" variant="default">{t('common.refresh')}</Button>}>{t('subscribers.noneText')}</Empty>
            <div><Waiting /></div>
          </SimpleGrid>
          <Stack mt="md">
            <Problem error={new CombinedError({ networkError: new Error('offline') })} retry={() => {}} />
            <Refusals errors={[{ code: 'A', message: t('design.refusedAmount') }, { code: 'B', message: t('design.refusedPeriod') }]} />
            <Alert color="teal" icon={<IconCheck />}>{t('design.said')}</Alert>
            <Alert color="orange">{t('billing.noBillsText')}</Alert>
            <Alert color="water" title={t('design.notice')}>{t('billing.noBillsText')}</Alert>
            <Progress value={62} size="lg" aria-label={t('billing.running')} />
          </Stack>
        </Section>
      </Stack>
    </main>
  )
}

function SampleForm({ errors, cancel }: { errors: UserError[]; cancel?: () => void }) {
  const t = useT()
  const form = useForm({
    act: refused(errors),
    start: { amount: errors.length ? '0' : '2044.90', date: '2026-03-25', kind: 'a', ticks: ['a'] as string[], on: true, who: null as Picked | null },
    input: (read) => ({ amount: read.decimal('amount', 2), who: read.picked('who') }),
    done: () => {},
  })
  const choices = [{ value: 'a', label: t('enum.Service.WATER') }, { value: 'b', label: t('enum.Service.SEWERAGE_COLD') }]
  return (
    <FormView form={form} submit={t('common.save')} cancel={cancel} check={() => t('design.confirmText')}>
      <FieldRow>
        <TextField name="amount" label={t('ledger.amount')} mode="decimal" unit="₸" required />
        <TextField name="date" label={t('payments.paidOn')} kind="date" />
      </FieldRow>
      <ChoiceField name="kind" label={t('billing.service')} hint={t('archive.documentHint')} choices={choices} />
      <ChecksField name="ticks" label={t('access.roles')} choices={choices} />
      <SwitchField name="on" label={t('access.mayEnter')} />
      <LookupField name="who" label={t('archive.document')} required find={async (words) => choices.filter((one) => one.label.includes(words)).map((one) => ({ id: one.value, label: one.label }))} />
    </FormView>
  )
}

/** Somebody else was quicker: the input stays, what the server holds now stands beside it. */
function ConflictForm() {
  const t = useT()
  const [server, setServer] = useState(t('design.before'))
  const form = useForm({
    act: refused([{ code: 'CONFLICT', message: '' }]),
    start: { name: server },
    input: (read) => ({ name: read.text('name') }),
    done: () => {},
  })
  return (
    <FormView form={form} submit={t('common.save')} refresh={() => setServer(t('design.after'))}>
      <TextField name="name" label={t('access.name')} />
    </FormView>
  )
}
