// A person's word on a doubtful reading: accepted at once, rejected with words that the subscriber may read.
import { Button, Group, Kbd } from '@mantine/core'
import { Dialog, FormView, Problem, Refusals, TextField, useAct, useForm, useSay } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'

const decide = graphql(`
  mutation ReadingDecide($input: ReadingDecideInput!) {
    readingDecide(input: $input) { reading { id verdict decidedWhy reasons { code message } } errors { code field message } }
  }
`)

export function useDecision(done: () => void) {
  const t = useT()
  const say = useSay()
  const act = useAct(decide)
  const accept = async (id: string) => {
    if (await act.run({ id, accept: true })) {
      say(t('readings.accepted'))
      done()
    }
  }
  return { accept: (id: string) => void accept(id), busy: act.busy, refused: act.errors.length || act.broken ? <><Refusals errors={act.errors} />{act.broken && <Problem error={act.broken} />}</> : null }
}

function RejectForm({ id, close, done }: { id: string; close: () => void; done: () => void }) {
  const t = useT()
  const say = useSay()
  const form = useForm({
    act: useAct(decide),
    start: { why: '' },
    input: (read) => ({ id, accept: false, why: read.text('why') }),
    done: () => {
      say(t('readings.rejected'))
      close()
      done()
    },
  })
  return (
    <FormView form={form} submit={t('readings.reject')} cancel={close}>
      <TextField name="why" label={t('readings.why')} hint={t('readings.whyHint')} required first />
    </FormView>
  )
}

/** The two buttons. `rejecting` is the reading whose reason is being asked for. */
export function Decision({
  id, decision, rejecting, reject, done, keys,
}: {
  id: string
  decision: ReturnType<typeof useDecision>
  rejecting: boolean
  reject: (asked: boolean) => void
  done: () => void
  /** Tells which keys do the same. */
  keys?: boolean
}) {
  const t = useT()
  const size = keys ? 'sm' : 'compact-xs'
  const key = (letter: string) => (keys ? { rightSection: <Kbd size="xs" aria-hidden>{letter}</Kbd> } : {})
  return (
    <>
      <Group gap={keys ? 'sm' : 4} wrap="nowrap">
        <Button size={size} variant={keys ? 'filled' : 'default'} onClick={() => decision.accept(id)} disabled={decision.busy} {...key('A')}>{t('readings.accept')}</Button>
        <Button size={size} variant="default" onClick={() => reject(true)} disabled={decision.busy} {...key('R')}>{t('readings.reject')}</Button>
      </Group>
      <Dialog opened={rejecting} onClose={() => reject(false)} title={t('readings.rejectTitle')}>
        <RejectForm id={id} close={() => reject(false)} done={done} />
      </Dialog>
    </>
  )
}
