// Package migration has KubeVirt migrate machines as the setting kubevirt-migration says, by the configuration of its
// installation. While nobody has set a value, what KubeVirt was installed with is in force, and is not touched: the
// setting's default is KubeVirt's own. Begin reading with Controller.obey.
package migration
