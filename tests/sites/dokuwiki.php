<?php
// Sets up a DokuWiki for the tests and writes in it: php dokuwiki.php FOLDER install
//                                                    php dokuwiki.php FOLDER save|delete ID [TEXT]
[, $folder, $verb] = $argv;
if ($verb === 'install') {
    // Debian keeps settings and pages elsewhere; this copy has them beside the program.
    file_put_contents("$folder/inc/preload.php", "<?php\n");
    $settings = ["title = '青岚社区百科'", "savedir = '$folder/data'", "useacl = 0", "rss_type = 'rss2'", "rss_linkto = 'current'",
                 "rss_content = 'html'", "rss_update = 1", "rss_show_summary = 0", "userewrite = 0", "recent_days = 3650", "lang = 'zh'"];
    $lines = array_map(fn($setting) => "\$conf['" . str_replace(' = ', "'] = ", $setting) . ";", $settings);
    file_put_contents("$folder/conf/local.php", "<?php\n" . implode("\n", $lines) . "\n");
    exit;
}
$_SERVER['HTTP_HOST'] = 'localhost';
$_SERVER['REMOTE_ADDR'] = '127.0.0.1';
define('NOSESSION', true);
require "$folder/inc/init.php";
saveWikiText($argv[3], $verb === 'delete' ? '' : $argv[4], '');
