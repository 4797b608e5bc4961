// Single-file components for the specs: their script and their template, as this node's modules. Styles are not seen.
// @vue/vue3-jest reads the shell's Babel configuration for every template, which wants plugins that the shell does not
// bring, and does not follow the types that props are declared with.
const fs = require('node:fs');
const {
  compileScript, compileTemplate, parse, registerTS
} = require('@vue/compiler-sfc');
const typescript = require('typescript');

registerTS(() => typescript);

const OPTIONS = {
  module: typescript.ModuleKind.CommonJS, target: typescript.ScriptTarget.ES2022, esModuleInterop: true, isolatedModules: true, inlineSourceMap: true
};

/** A component whose script is no setup function has its template apart. */
function renderOf(descriptor, id, filename) {
  const template = descriptor.template && compileTemplate({
    id, filename, source: descriptor.template.content
  }).code.replace('export function render', 'function render');

  return template ? `${ template }\ncomponent.render = render;` : '';
}

module.exports = {
  process(source, filename) {
    const { descriptor } = parse(source, { filename });
    const setup = !!descriptor.scriptSetup;
    const script = descriptor.script || descriptor.scriptSetup ? compileScript(descriptor, {
      id: filename, inlineTemplate: setup, genDefaultAs: 'component', fs: { fileExists: fs.existsSync, readFile: (file) => fs.readFileSync(file, 'utf8') }
    }).content : 'const component = {};';
    const code = `${ script }\n${ setup ? '' : renderOf(descriptor, filename, filename) }\nexport default component;`;

    return { code: typescript.transpileModule(code, { compilerOptions: OPTIONS, fileName: `${ filename }.ts` }).outputText };
  },
};
