/** The shapes that Steve gives every object and every list. */

export interface State {
  name: string;
  transitioning?: boolean;
  error?: boolean;
  message?: string;
}

export interface Metadata {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string }[];
  state?: State;
}

export interface Resource {
  id?: string;
  type?: string;
  apiVersion?: string;
  kind?: string;
  metadata: Metadata;
  links?: Record<string, string>;
  /** What the caller can do with the object now: action to URL. */
  actions?: Record<string, string>;
  /** What the caller cannot do now: action to the sentence that says why. Only Croft's backend sends it. */
  unavailable?: Record<string, string>;
}

export interface Collection<T> {
  type?: string;
  data: T[];
  count?: number;
  pages?: number;
  revision?: string;
}
