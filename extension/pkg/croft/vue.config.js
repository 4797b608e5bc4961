const config = require('./.shell/pkg/vue.config')(__dirname);
const chainWebpack = config.chainWebpack;

config.chainWebpack = (webpack) => {
  chainWebpack(webpack);
  // Types are checked by scripts/typecheck.sh with vue-tsc, which knows the templates too;
  // the checker of the build would check the shell's sources as well.
  webpack.plugins.delete('fork-ts-checker');
  webpack.plugins.delete('webpack-bundle-analyzer');
};

if (process.env.CROFT_SOURCE_MAPS !== 'true') {
  config.productionSourceMap = false;
}

module.exports = config;
