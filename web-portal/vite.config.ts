import { defineConfig } from 'vite'
import { application } from '@aiscra/ui/vite'

export default defineConfig(application('/portal/'))
