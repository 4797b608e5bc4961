// The specs run in this node and need only its modules: the shell's own configuration for tests wants plugins that it
// does not bring.
module.exports = require('babel-jest').default.createTransformer({
  configFile: false,
  babelrc:    false,
  presets:    [['@babel/preset-env', { targets: { node: 'current' } }]],
});
