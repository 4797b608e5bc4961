/** The state of a machine's form: its fields, what is wrong with them, what the site offers, and the object that comes of it. */
import {
  computed, reactive, ref, shallowRef, toRef, type ComputedRef, type Ref, type ShallowRef
} from 'vue';
import type { VirtualMachine } from '../../api/kubevirt';
import type { Sentence } from '../../display/sentence';
import { suffix } from '../../display/random';
import { useSay } from '../../display/useSay';
import { yamlOf } from '../machine';
import { resumed, secretsOf, type Secret } from './credential';
import {
  check, namespaceAt, type Field, type Form, type Refusals
} from './form';
import { lacking } from './lacking';
import { read, readNew, written, type Known } from './object';
import { useOffer, type Offer } from './useOffer';
import { parsed } from './yaml';

export type Put = <F extends Field>(field: F, value: Form[F]) => void;

/** The words of the fields on which a field of the form has a say. */
const WORDS: Partial<Record<Field, RegExp>> = {
  cores:        /^cpu$/,
  count:        /^(count|name)$/,
  name:         /^name$/,
  instanceType: /^(type|cpu|sockets|threads|memory)$/,
  disks:        /^((image|size|class|bus|order)-\d+|count)$/,
  devices:      /^device-\d+$/,
  rules:        /^rule-\d+$/,
  credentials:  /^(users|keys|password|secret)-\d+$/,
  cards:        /^((network|mac|model)-\d+|count)$/,
  keys:         /^sshkey$/,
  sshKey:       /^(sshkey|userdata)$/,
  userData:     /^(sshkey|userdata)$/,
  networkData:  /^networkdata$/,
  secureBoot:   /^secureboot$/,
  runStrategy:  /^strategy$/,
};

export interface MachineForm {
  form: Form;
  put: Put;
  offer: ShallowRef<Offer>;
  refusals: Ref<Refusals>;
  /** What is wrong with a field, or what the site lacks for it; empty where nothing is. */
  refusal(word: string): string;
  /** Looks at the whole form, and says whether it can be sent. */
  isRight(): boolean;
  /** The object that comes of the form, or of the form with another name. */
  object(name?: string): VirtualMachine;
  /** The Secrets that are made with that object. */
  secrets(object: VirtualMachine): Secret[];
  yaml: ComputedRef<string>;
  /** Takes over what was written as YAML. */
  write(text: string): void;
  /** Begins anew from a machine that is to be made alike, with keys of the site: what it is called and where it is stays. */
  like(machine: VirtualMachine, keys: string[]): void;
  /** Begins anew from another object, with another form. */
  begin(base: VirtualMachine, before: Form, now: Form): void;
}

/** `made` says that the machine is there, and is changed. */
export function useForm(start: { base: VirtualMachine; before: Form; form: Form }, made = false): MachineForm {
  const say = useSay();
  const base = shallowRef(start.base);
  const before = shallowRef(start.before);
  /** What the site has of the machine. */
  const had = shallowRef(made ? start.before : undefined);
  const form = reactive<Form>({ ...start.form });
  const refusals = ref<Refusals>({});
  const random = suffix();

  const offer = useOffer(toRef(form, 'site'), toRef(form, 'namespace'), (found) => {
    if (!made) {
      form.namespace = namespaceAt(form.namespace, found.namespaces);
    }
    refusals.value = { ...refusals.value, 'image-0': found.trouble ?? refusals.value['image-0'] };
  });
  const missing = computed(() => lacking(form, offer.value, had.value));
  const known = computed<Known>(() => ({
    images: offer.value.images ?? [], pairs: offer.value.pairs ?? [], random
  }));
  const images = () => offer.value.images ?? [];

  function put<F extends Field>(field: F, value: Form[F]) {
    form[field] = value;

    const words = WORDS[field] ?? new RegExp(`^${ field }$`);
    const kept = Object.entries(refusals.value).filter(([word]) => !words.test(word) && word !== 'all');
    const found = Object.entries(check(form, images(), had.value)).filter(([word]) => words.test(word));

    refusals.value = Object.fromEntries([...kept, ...found]);
  }

  function object(name = form.name): VirtualMachine {
    return written(base.value, before.value, { ...form, name }, known.value);
  }

  function write(text: string) {
    const { machine, wrong } = parsed(text);
    const { yaml: _yaml, ...others } = refusals.value;

    refusals.value = { ...others, ...(wrong ? { yaml: wrong } : {}) };
    if (machine) {
      const credentials = resumed(machine, form.credentials, random);

      base.value = machine;
      before.value = read(machine, form.site);
      Object.assign(form, {
        ...(made ? before.value : readNew(machine, form.site)), count: form.count, credentials
      });
    }
  }

  function like(machine: VirtualMachine, keys: string[]) {
    const {
      site, namespace, name, count
    } = form;

    base.value = machine;
    before.value = read(machine, site);
    Object.assign(form, readNew(machine, site), {
      site, namespace, name, count, keys, sshKey: ''
    });
    refusals.value = {};
  }

  return {
    form,
    put,
    offer,
    refusals,
    refusal: (word) => {
      const sentence: Sentence | undefined = refusals.value[word] ?? missing.value[word];

      return sentence ? say(sentence) : '';
    },
    isRight: () => {
      refusals.value = check(form, images(), had.value);

      return !Object.keys(refusals.value).length;
    },
    object,
    secrets: (machine) => secretsOf(machine, form.credentials, random),
    yaml:    computed(() => yamlOf({ ...object(), status: undefined })),
    write,
    like,
    begin:   (nextBase, nextBefore, now) => {
      base.value = nextBase;
      before.value = nextBefore;
      had.value = made ? nextBefore : undefined;
      Object.assign(form, now);
    },
  };
}
