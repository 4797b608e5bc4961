module.exports = {
  testEnvironment:        'jsdom',
  testEnvironmentOptions: { customExportConditions: ['node', 'node-addons'] },
  setupFiles:             ['<rootDir>/jest.setup.js'],
  roots:                  ['<rootDir>/pkg/croft'],
  testMatch:              ['**/*.spec.ts'],
  // A form of many fields takes longer than the usual five seconds on a machine that does much else.
  testTimeout:            60_000,
  modulePathIgnorePatterns: ['<rootDir>/dist-pkg', '<rootDir>/pkg/croft/.shell'],
  moduleFileExtensions:   ['js', 'ts', 'json', 'vue'],
  transform:              {
    '^.+\\.ts$':  ['ts-jest', { tsconfig: { isolatedModules: true, module: 'commonjs', target: 'es2022', esModuleInterop: true } }],
    '^.+\\.vue$': '<rootDir>/jest.vue.js',
    '^.+\\.js$':  '<rootDir>/jest.babel.js',
  },
  transformIgnorePatterns: ['/node_modules/(?!@rancher/shell)'],
  moduleNameMapper:       {
    '^@shell/(.*)$':      '<rootDir>/node_modules/@rancher/shell/$1',
    '^@components/(.*)$': '<rootDir>/node_modules/@rancher/shell/rancher-components/$1',
  },
};
