import { Link } from '@tanstack/react-router'
import { Empty } from '@aiscra/ui'
import { useT } from '../lib/i18n'

export function NotFound() {
  const t = useT()
  return <Empty page title={t('app.notFound')} action={<Link to="/" className="row-link">{t('nav.home')}</Link>} />
}
