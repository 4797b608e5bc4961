import { chipFilters, chipOf } from './filter';

describe('a chip', () => {
  it.each([
    ['a field and its value', 'node:node-1', { field: 'node', value: 'node-1' }],
    ['a value with a colon', 'image:registry:5000/x', { field: 'image', value: 'registry:5000/x' }],
    ['no field of ours', 'password:x', undefined],
    ['no value', 'node: ', undefined],
    ['nothing', '', undefined],
  ])('is %s', (_reason, text, want) => {
    expect(chipOf(text)).toStrictEqual(want);
  });

  it.each([
    ['each field narrows further', ['node:n', 'image:default/tiny'], ['image=default/tiny', 'node=n']],
    ['values of one field are alternatives', ['node:a', 'node:b'], ['node=a,node=b']],
    ['labels are all wanted', ['label:app=web', 'label:tier'], ['metadata.labels[app]=web', 'metadata.labels[tier]']],
    ['tags and networks are lists of the row', ['tag:env=prod', 'network:default/vlan'], ['networks=default/vlan', 'tags="env=prod"']],
    ['a label cannot leave its brackets', ['label:a]=1,state=x'], ['metadata.labels[a]="1,state=x"']],
    ['nonsense is as if it were not', ['x', 'password:y'], []],
  ])('asks the hub: %s', (_reason, chips, want) => {
    expect(chipFilters(chips)).toStrictEqual(want);
  });
});
