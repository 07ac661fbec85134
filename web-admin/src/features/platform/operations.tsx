// Operations of the API: what there is, what is off, and the switch.
import { useState } from 'react'
import { Button, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from 'urql'
import {
  Answer, Chip, Confirm, DataTable, DialogButton, Empty, FormView, IconSearch, PageHead, Problem, Refusals, Section, TextField, useAct, useFinish, useForm, useFormat, useSay,
} from '@aiscra/ui'
import { graphql, type OperationsQuery } from '../../gql'
import { useT } from '../../lib/i18n'
import { Who } from '../../lib/who'

const query = graphql(`
  query Operations { operations { field kinds says needed calls off { reason by at } } }
`)
const switchMutation = graphql(`
  mutation OperationSwitch($input: OperationSwitchInput!) { operationSwitch(input: $input) { off { field } errors { code field message } } }
`)

/** Rows shown at first: whoever looks for one types its name. */
const PAGE = 30

type Operation = OperationsQuery['operations'][number]

/** As somebody looks for it: by the words of the screen, or by the name that a program sends. */
const fits = (one: Operation, words: string) =>
  words.toLowerCase().split(/\s+/).every((word) => `${one.says} ${one.field}`.toLowerCase().includes(word))

export function Operations() {
  const t = useT()
  const format = useFormat()
  const [result, refetch] = useQuery({ query })
  const again = () => refetch({ requestPolicy: 'network-only' })
  const [words, setWords] = useState('')
  const [which, setWhich] = useState('all')
  const [shown, setShown] = useState(PAGE)
  return (
    <>
      <PageHead title={t('nav.operations')} lead={t('operations.lead')}>
        <Button variant="default" onClick={again}>{t('common.refresh')}</Button>
      </PageHead>
      <Answer result={result} retry={again}>
        {({ operations }) => {
          const off = operations.filter((one) => one.off)
          const rows = operations.filter((one) => fits(one, words.trim()) && (which === 'all' || one.kinds.some((kind) => kind === which)))
          return (
            <Stack>
              <Section flush title={t('operations.offNow', { count: off.length })}>
                <DataTable
                  caption={t('operations.offNow', { count: off.length })} rows={off} rowKey={(row) => row.field}
                  empty={<Empty title={t('operations.allOn')}>{t('operations.allOnText')}</Empty>}
                  columns={[
                    { key: 'what', head: t('operations.operation'), cell: (row) => <What row={row} /> },
                    { key: 'why', head: t('operations.reason'), cell: (row) => row.off?.reason },
                    { key: 'who', head: t('operations.by'), cell: (row) => <div><Who by={row.off?.by} /><Text size="xs" c="dimmed">{row.off && format.dateTime(row.off.at)}</Text></div> },
                    { key: 'act', head: <span className="unseen">{t('common.acts')}</span>, cell: (row) => <SwitchOn row={row} done={again} /> },
                  ]}
                />
              </Section>
              <Section
                flush title={t('operations.all')}
                side={(
                  <>
                    <TextInput
                      type="search" size="xs" w={320} maw="100%" aria-label={t('operations.find')} placeholder={t('operations.find')} leftSection={<IconSearch size={14} />}
                      value={words} onChange={(event) => setWords(event.currentTarget.value)}
                    />
                    <SegmentedControl
                      size="xs" aria-label={t('operations.show')} value={which} onChange={setWhich}
                      data={[{ value: 'all', label: t('operations.every') }, { value: 'QUERY', label: t('operations.queries') }, { value: 'MUTATION', label: t('operations.mutations') }, { value: 'SUBSCRIPTION', label: t('operations.subscriptions') }]}
                    />
                  </>
                )}
              >
                <DataTable
                  caption={t('operations.all')} rows={rows.slice(0, shown)} rowKey={(row) => row.field} empty={<Empty title={t('operations.none')} />}
                  more={{ has: rows.length > shown, busy: false, load: () => setShown(shown + PAGE), total: rows.length }}
                  columns={[
                    { key: 'what', head: t('operations.operation'), cell: (row) => <What row={row} /> },
                    { key: 'kind', head: t('operations.kind'), cell: (row) => row.kinds.map((kind) => t(`enum.OperationKind.${kind}`)).join(', ') },
                    { key: 'calls', head: t('operations.calls'), numeric: true, cell: (row) => format.count(row.calls) },
                    { key: 'state', head: t('common.state'), cell: (row) => row.off ? <Chip tone="bad">{t('operations.isOff')}</Chip> : <Chip tone="good">{t('operations.isOn')}</Chip> },
                    {
                      key: 'act', head: <span className="unseen">{t('common.acts')}</span>,
                      cell: (row) => row.needed ? <Text size="xs" c="dimmed">{t('operations.needed')}</Text>
                        : row.off ? <SwitchOn row={row} done={again} />
                        : (
                          <DialogButton label={t('operations.switchOff')} title={t('operations.switchOffTitle', { what: row.says })} buttonSize="compact-sm">
                            {(close) => <OffForm row={row} close={close} done={again} />}
                          </DialogButton>
                        ),
                    },
                  ]}
                />
              </Section>
              <Text size="xs" c="dimmed">{t('operations.callsText')}</Text>
            </Stack>
          )
        }}
      </Answer>
    </>
  )
}

const What = ({ row }: { row: Operation }) => <div>{row.says}<Text size="xs" c="dimmed" ff="monospace">{row.field}</Text></div>

function SwitchOn({ row, done }: { row: Operation; done: () => void }) {
  const t = useT()
  const say = useSay()
  const act = useAct(switchMutation)
  const [asking, setAsking] = useState(false)
  const on = async () => {
    if (!await act.run({ field: row.field, on: true })) return
    say(t('operations.on', { what: row.says }))
    done()
  }
  return (
    <Group gap={6}>
      <Button size="compact-sm" variant="default" loading={act.busy} onClick={() => setAsking(true)}>{t('operations.switchOn')}</Button>
      <Refusals errors={act.errors} />
      {act.broken && <Problem error={act.broken} />}
      <Confirm opened={asking} title={t('operations.switchOn')} yes={t('operations.switchOn')} onYes={() => void on()} onClose={() => setAsking(false)}>
        <Text size="sm">{t('operations.switchOnText', { what: row.says })}</Text>
      </Confirm>
    </Group>
  )
}

function OffForm({ row, close, done }: { row: Operation; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(switchMutation),
    start: { reason: '' },
    input: (read) => ({ field: row.field, on: false, reason: read.text('reason') }),
    done: () => finish(t('operations.off', { what: row.says })),
  })
  return (
    <FormView
      form={form} submit={t('operations.switchOff')} danger cancel={close}
      check={() => (
        <Stack gap="xs">
          <Text size="sm">{t('operations.check', { field: row.field, calls: format.count(row.calls) })}</Text>
          <Text size="sm">{t('operations.checkSays')}</Text>
          <Text size="sm" fw={600}>{t('operations.told', { reason: form.values.reason.trim() })}</Text>
        </Stack>
      )}
    >
      <TextField name="reason" label={t('operations.reason')} hint={t('operations.reasonHint')} kind="long" required />
    </FormView>
  )
}
