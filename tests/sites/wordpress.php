<?php
// Sets up a WordPress for the tests and writes in it: php wordpress.php FOLDER install URL SOCKET
//                                                     php wordpress.php FOLDER post|edit|delete TITLE [TEXT DATE]
[, $folder, $verb] = $argv;
if ($verb === 'install') {
    [, , , $url, $socket] = $argv;
    $lines = ["<?php", "define('DB_NAME', 'wp'); define('DB_USER', 'root'); define('DB_PASSWORD', '');"];
    $lines[] = "define('DB_HOST', 'localhost:$socket'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');";
    // Nothing leaves the machine, and nothing runs behind the test's back.
    $lines[] = "define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true);";
    $lines[] = "define('WP_HOME', '$url'); define('WP_SITEURL', '$url'); define('WP_DEBUG', false);";
    $lines[] = "\$table_prefix = 'wp_';";
    $lines[] = "if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/'); require_once ABSPATH . 'wp-settings.php';";
    file_put_contents("$folder/wp-config.php", implode("\n", $lines) . "\n");
    define('WP_INSTALLING', true);
}
$_SERVER['HTTP_HOST'] = 'localhost';
$_SERVER['REQUEST_METHOD'] = 'GET';
require "$folder/wp-load.php";
require_once ABSPATH . 'wp-admin/includes/upgrade.php';

function find($title) {
    $query = new WP_Query(['title' => $title, 'post_status' => 'any', 'posts_per_page' => 1]);
    return $query->posts[0];
}

// The test's clock is not the machine's: whatever is written now was written at that moment. The feed's
// Last-Modified and ETag are the newest such moment, so the machine's own would hide everything that comes after.
function written_at($date) {
    add_filter('wp_insert_post_data', fn($data) => ['post_modified' => $date, 'post_modified_gmt' => get_gmt_from_date($date)] + $data);
}

switch ($verb) {
    case 'install':
        // The password goes nowhere: nobody logs in.
        wp_install('青岚晚报', 'editor', 'editor@localhost.example', true, '', bin2hex(random_bytes(8)), 'zh_CN');
        foreach (['timezone_string' => 'Asia/Shanghai', 'permalink_structure' => '/%postname%/', 'posts_per_rss' => 50,
                  'posts_per_page' => 50, 'template' => 'twentytwentythree', 'stylesheet' => 'twentytwentythree'] as $name => $value) {
            update_option($name, $value);
        }
        flush_rewrite_rules();
        wp_delete_post(1, true);
        wp_delete_post(2, true);
        break;
    case 'post':
        [, , , $title, $text, $date] = $argv;
        written_at($date);
        $slug = 'p' . substr(md5($title), 0, 12);
        wp_insert_post(['post_title' => $title, 'post_content' => $text, 'post_status' => 'publish', 'post_author' => 1,
                        'post_name' => $slug, 'post_date' => $date], true);
        break;
    case 'edit':
        written_at($argv[5]);
        wp_update_post(['ID' => find($argv[3])->ID, 'post_content' => $argv[4]], true);
        break;
    case 'delete':
        wp_delete_post(find($argv[3])->ID, true);
        break;
}
