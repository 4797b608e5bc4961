// The Rancher Dashboard itself, built from its npm package for a hub without Rancher.
// Croft's own package is left out of it: it is delivered as a UIPlugin, as in Rancher.
const shell = require('@rancher/shell/vue.config');

const config = shell(__dirname, { excludes: ['croft'] });
const configureWebpack = config.configureWebpack;

config.configureWebpack = (webpack) => {
  configureWebpack(webpack);

  // Source maps triple the output and add a gigabyte of memory to the build.
  if (process.env.NODE_ENV === 'production') {
    webpack.devtool = false;
  }
};

module.exports = config;
