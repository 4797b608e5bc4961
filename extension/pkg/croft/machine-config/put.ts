/** What each part of the form is handed to change the configuration with. */
import type { Form } from './config';

export type Put = <F extends keyof Form>(field: F, value: Form[F]) => void;
