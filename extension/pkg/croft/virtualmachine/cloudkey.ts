/** The keys that a cloud-config document can begin its lines with, to find what was typed wrong. cloud-init passes over others. */
import jsyaml from 'js-yaml';
import type { Sentence } from '../display/sentence';

/** As cloud-init's documentation lists them, by the module that reads them (https://docs.cloud-init.io/en/latest/reference/modules.html). */
const KEYS = `
  allow_public_ssh_keys ansible apk_repos apt apt_pipelining apt_reboot_if_required apt_update apt_upgrade authkey_hash autoinstall
  bootcmd byobu_by_default ca_certs ca-certs chef chpasswd cloud_config_modules cloud_final_modules cloud_init_modules
  create_hostname_file datasource datasource_list device_aliases disable_ec2_metadata disable_root disable_root_opts disk_setup
  drivers fan final_message fqdn fs_setup groups growpart hostname keyboard landscape launch-index locale locale_configfile
  lxd manage_etc_hosts manage_resolv_conf mcollective merge_how merge_type mount_default_fields mounts network
  no_ssh_fingerprints ntp output package_reboot_if_required package_update package_upgrade packages password phone_home power_state
  prefer_fqdn_over_hostname preserve_hostname puppet random_seed reporting resize_rootfs resolv_conf rh_subscription rsyslog runcmd
  salt_minion snap spacewalk ssh ssh_authorized_keys ssh_deletekeys ssh_fp_console_blacklist ssh_genkeytypes ssh_import_id
  ssh_key_console_blacklist ssh_keys ssh_publish_hostkeys ssh_pwauth ssh_quiet_keygen swap system_info timezone ubuntu_advantage
  ubuntu_pro ubuntu-advantage unverified_modules updates user users vendor_data version wireguard write_files yum_repo_dir yum_repos
  zypper
`.trim().split(/\s+/);

/** How many letters lie between two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);

  for (let i = 1; i <= a.length; i++) {
    const next = [i];

    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1]));
    }
    row = next;
  }

  return row[b.length];
}

/** The key that was meant, where one is near. */
function near(key: string): string | undefined {
  const [best] = KEYS.map((known) => ({ known, away: distance(key.toLowerCase(), known) })).sort((a, b) => a.away - b.away);

  return best.away <= Math.max(1, Math.floor(key.length / 4)) ? best.known : undefined;
}

/** What to say of a key that cloud-init does not know, where there is one. The document can be given to a machine all the same. */
export function doubt(userData: string): Sentence | undefined {
  if (!userData.trim().startsWith('#cloud-config')) {
    return undefined;
  }
  try {
    const document: unknown = jsyaml.load(userData);
    const key = document && typeof document === 'object' && !Array.isArray(document) ? Object.keys(document).find((one) => !KEYS.includes(one)) : undefined;
    const meant = key && near(key);

    if (!key) {
      return undefined;
    }

    return meant ? { key: 'croft.form.cloudKeyMeant', args: { name: key, meant } } : { key: 'croft.form.cloudKey', args: { name: key } };
  } catch {
    return undefined; // what is no YAML is refused elsewhere
  }
}
