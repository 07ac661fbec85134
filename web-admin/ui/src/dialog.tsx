import { useState, type ReactNode } from 'react'
import { Button, Group, Modal, Stack, type ButtonProps, type ModalProps } from '@mantine/core'
import { useUi } from './i18n'

/** A dialog whose closing cross says what it does. */
export function Dialog(props: ModalProps) {
  const t = useUi()
  return <Modal closeButtonProps={{ 'aria-label': t('ui.close') }} {...props} />
}

/** A button and the dialog it opens; what is inside is made anew each time. */
export function DialogButton({
  label, title, icon, size, children, buttonSize, variant = 'default',
}: {
  label: string
  title?: string
  icon?: ReactNode
  size?: string
  buttonSize?: ButtonProps['size']
  variant?: 'default' | 'filled' | 'light' | 'subtle'
  children: (close: () => void) => ReactNode
}) {
  const [open, setOpen] = useState(false)
  const close = () => setOpen(false)
  return (
    <>
      <Button variant={variant} onClick={() => setOpen(true)} {...(icon ? { leftSection: icon } : {})} {...(buttonSize ? { size: buttonSize } : {})}>{label}</Button>
      {/* A click beside it must not throw away what was typed. */}
      <Dialog opened={open} onClose={close} title={title ?? label} size={size ?? 'lg'} closeOnClickOutside={false}>{children(close)}</Dialog>
    </>
  )
}

/** Asks before an act that cannot simply be taken back, and shows what it will do. */
export function Confirm({
  opened, title, children, yes, danger, onYes, onClose,
}: {
  opened: boolean
  title: string
  /** The preview: what will happen, with its figures. */
  children: ReactNode
  yes: string
  danger?: boolean
  onYes: () => void
  onClose: () => void
}) {
  const t = useUi()
  return (
    <Dialog opened={opened} onClose={onClose} title={title}>
      <Stack gap="md">
        <div>{children}</div>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t('ui.form.cancel')}</Button>
          <Button data-autofocus {...(danger ? { color: 'red.9' } : {})} onClick={() => { onClose(); onYes() }}>{yes}</Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
